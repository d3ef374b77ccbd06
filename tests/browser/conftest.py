"""A page in a headless Chromium that remembers everything it said and everything it asked for.

``page(path)`` opens a file or an address and returns an ``Opened``. Nothing is skipped: without Chromium a test
ends in an error that says what to install.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:  # not at run time: the other tests must collect without these packages
    from playwright.sync_api import Browser, Page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
LOCAL = ("about", "blob", "data", "file")


@dataclass
class Opened:
    """An open page; ``console``, ``errors`` and ``requests`` go on growing while a test clicks around."""

    page: Page
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def axe(self, impacts: tuple[str, ...] = ("serious", "critical")) -> list[str]:
        """Findings of axe-core with one of these impacts, one line for every element."""
        from axe_playwright_python.sync_playwright import Axe

        return [
            f"{found['id']} ({found['impact']}): {node['html'][:200]}"
            for found in Axe().run(self.page).response["violations"]
            if found["impact"] in impacts
            for node in found["nodes"]
        ]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise FileNotFoundError(
            f"expected one of {', '.join(BROWSERS)} on PATH, or its path in $CHROMIUM, and found none. "
            "Debian: sudo apt install chromium fonts-dejavu-core"
        )
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0  # Chromium's sandbox refuses root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(QUIET), chromium_sandbox=not root)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open pages, each in a fresh context that is offline and closed after the test."""
    with ExitStack() as contexts:

        def open_page(
            target: Path | str,
            *,
            width: int = 1280,
            height: int = 900,
            locale: str = "en-US",
            color_scheme: Literal["light", "dark"] = "light",
        ) -> Opened:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=locale,
                color_scheme=color_scheme,
                offline=True,
            )
            contexts.callback(context.close)
            opened = Opened(context.new_page())

            def asked(url: str) -> None:
                if urlsplit(url).scheme not in LOCAL:
                    opened.requests.append(url)

            opened.page.on("console", lambda said: opened.console.append(f"{said.type}: {said.text}"))
            opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
            opened.page.on("request", lambda request: asked(request.url))
            opened.page.on("websocket", lambda socket: asked(socket.url))
            opened.page.goto(target.resolve().as_uri() if isinstance(target, Path) else target)
            return opened

        yield open_page
