"""Fixtures that every test shares."""

import pytest
from warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    """The project, parsed once for all tests."""
    return Warehouse(tmp_path_factory.mktemp("project"))
