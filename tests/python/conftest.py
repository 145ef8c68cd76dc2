"""Fixtures that every test shares."""

import pytest
from growing_shop import Builds
from warehouse import Warehouse


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory):
    """The project, parsed once for all tests."""
    return Warehouse(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def builds(warehouse, tmp_path_factory):
    """Folders to build in, and the tables of what was built."""
    return Builds(warehouse, tmp_path_factory.mktemp("builds"))
