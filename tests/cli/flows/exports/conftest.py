"""One gateway for the tests of all exports."""

from __future__ import annotations

from collections.abc import Iterator

import exported
import pytest


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[exported.Site]:
    with exported.site(tmp_path_factory.mktemp("flows")) as one:
        yield one
