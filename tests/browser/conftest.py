"""The browser that pages are opened in."""

import pytest
from browser import chromium


@pytest.fixture(scope="package")
def program() -> str:
    """Chromium's program; where it or its driver is not installed the test is skipped."""
    pytest.importorskip("playwright", reason="Playwright is not installed")
    found = chromium()
    if found is None:
        pytest.skip("no Chromium is installed")
    return found
