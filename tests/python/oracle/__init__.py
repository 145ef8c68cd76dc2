"""A second, independent computation of the warehouse in plain Python.

The modules read the raw inputs and compute every mart from the written definitions,
without a line of SQL. Tests compare their rows with the tables dbt builds: a number
that both computations agree on was not got wrong twice in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .shop import Shop


def all_tables(
    shop: Shop, parameters: Iterable[dict[str, Any]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """Every published table of a shop: table name -> rows.

    parameters: rows of the fct_model_parameters to predict with; without any, the
    oracle predicts with what it fits itself.
    """
    from . import (  # only here: a module of the oracle can be had without the others
        audit,
        core,
        growth,
        labels,
        leaving,
        prediction,
        retention,
        value,
    )

    labelled = labels.labels(shop)
    conformed = core.tables(shop, labels=labelled)
    spans = conformed["fct_customer_segment_spans"]
    predicted = prediction.tables(
        shop,
        labels=core.segments_at_the_end(shop, spans, labelled),
        fits=prediction.published_fits(parameters),
    )
    return {
        **audit.tables(shop),
        **conformed,
        **growth.tables(shop, spans=spans),
        **labels.tables(shop),
        **leaving.tables(shop),
        **retention.tables(shop),
        **value.tables(shop),
        **predicted,  # after value: with the parameters given
    }
