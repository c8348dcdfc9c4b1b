"""A headless browser at MLflow's pages: Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 120_000
"""Milliseconds for a page to show what it is asked for; MLflow's take long on a busy machine."""

_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_SEEN = {
    "mlflow.assistant.fab.autoOpenedOnFirstLoad_v1": "true",
    "mlflow.assistant.panelOpen_v1": "false",
}
"""What a browser remembers of somebody who has closed MLflow's greetings."""


def chromium() -> str | None:
    """The browser's program, if it is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def opened(program: str) -> Iterator["Browser"]:
    """A new browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


def complaints(program: str, file: Path, widths: tuple[int, ...] = (390, 1440)) -> list[str]:
    """What is wrong with a page that is opened at these widths: console, requests, overflow."""
    found = []
    with opened(program) as browser:
        for width in widths:
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda message: found.append(message.text))
            page.on("pageerror", lambda error: found.append(str(error)))
            page.on("request", lambda request: found.append(request.url))
            page.goto(file.as_uri(), wait_until="networkidle")
            if (reach := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{reach} pixels in a window of {width}")
    return [what for what in found if what not in (file.as_uri(), "data:,")]


@contextmanager
def browsing(program: str, address: str) -> Iterator["Pages"]:
    """Pages of one server in a new browser."""
    with opened(program) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE)
        remembered = ";".join(f"localStorage.setItem('{key}', '{value}')" for key, value in _SEEN.items())
        page.add_init_script(remembered)
        yield Pages(page, address)


class Pages:
    """The pages of a server, and every address that they have asked for."""

    def __init__(self, page: "Page", address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: str, height: int = 900) -> "Page":
        """Open a page, in the mode for model training, as if for the first time."""
        self.page.set_viewport_size({"width": 1440, "height": height})
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/#{path}{'&' if '?' in path else '?'}workflowType=machine_learning")
        return self.page

    def keep(self, file: Path | None, **options: Any) -> None:
        """Keep a picture of the page, in few colours, so that it is small."""
        if file is None:
            return
        self.page.wait_for_timeout(1500)  # charts glide into place
        self.page.screenshot(path=file, **options)
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(64).save(file, optimize=True)
