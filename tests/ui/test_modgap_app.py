"""The app as ``modgap app`` starts it, from a folder of the user's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tools.browser import ROOT, free_port

_PRIMARY = "rgb(0, 114, 178)"
_PAINTED = "c => [...document.querySelectorAll('*')].some(e => getComputedStyle(e).backgroundColor === c)"
_START_TIMEOUT_S = 60


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """Served from a folder that holds a module of the same name as one of the standard library's."""
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-P", "-m", "modgap_core.cli.command_line", "app", "--port", str(port)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "STREAMLIT_SERVER_HEADLESS": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    yield f"http://localhost:{port}"
    server.terminate()
    server.wait(60)


def test_the_first_page_from_any_folder_in_the_apps_own_colours(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", name="One pair")).to_be_visible()
    expect(page.locator(".explorer[data-drawn=yes]")).to_be_visible(timeout=120_000)  # a fresh server loads the model
    assert page.evaluate(_PAINTED, _PRIMARY)
