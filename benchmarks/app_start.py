"""From ``streamlit run`` to the first paint and to the analysed example."""

from __future__ import annotations

import subprocess
import sys
import time

from playwright.sync_api import Browser, sync_playwright

from benchmarks.timing import print_table
from tools.browser import ARGUMENTS, CHROMIUM, ROOT, free_port

RUNS = 3


def start_once(browser: Browser) -> tuple[float, float]:
    """Seconds to the page's title and to the drawn explorer, in a fresh server."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(ROOT / "dashboard" / "app.py"),
        "--server.headless",
        "true",
    ]
    start_s = time.perf_counter()
    server = subprocess.Popen(
        [*command, "--server.port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    page = browser.new_page()
    try:
        while True:
            try:
                page.goto(f"http://127.0.0.1:{port}")
                break
            except Exception:  # the server does not listen yet
                time.sleep(0.05)
        page.get_by_role("heading", name="One pair").wait_for(timeout=120_000)
        painted_s = time.perf_counter() - start_s
        page.locator(".explorer[data-drawn=yes]").wait_for(timeout=120_000)
        return painted_s, time.perf_counter() - start_s
    finally:
        page.close()
        server.terminate()
        server.wait()


def main() -> None:
    """Print the median of three starts."""
    if CHROMIUM is None:
        print("\napp start: not measured, no Chromium is installed")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        painted, analysed = zip(*(start_once(browser) for _ in range(RUNS)), strict=True)
        browser.close()
    print_table(
        f"App start, median of {RUNS}",
        {
            "first paint (goal 3 s)": f"{sorted(painted)[RUNS // 2]:.1f} s",
            "analysed example (goal 10 s)": f"{sorted(analysed)[RUNS // 2]:.1f} s",
        },
    )


if __name__ == "__main__":
    main()
