"""The real Streamlit server and a real browser."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.browser import ARGUMENTS, CHROMIUM, ROOT, free_port, serve

_STOP_TIMEOUT_S = 10
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The app, served."""
    port = free_port()
    process = serve(ROOT / "dashboard" / "app.py", port)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:  # busy with a page that nobody looks at any more
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium or Chrome is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page that fails the test on a script error."""
    context = browser.new_context(viewport={"width": 1400, "height": 1200})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors
