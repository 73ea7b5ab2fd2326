"""The explorer's layer slider: from key press to the redrawn frame, in headless Chromium."""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.timing import print_table
from tools.browser import ARGUMENTS, CHROMIUM, free_port, serve

DEMO = Path(__file__).with_name("slider_demo.py")
PRESSES = 30
# The arrow key is pressed in the page; the clock stops in the frame after the one that shows the new layer.
_PRESS = """
async () => {
  const explorer = document.querySelector('.explorer') ?? [...document.querySelectorAll('*')]
    .map((e) => e.shadowRoot?.querySelector('.explorer')).find(Boolean);
  const start = performance.now();
  explorer.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - start;
}
"""


def main() -> None:
    """Print median and 95th percentile."""
    if CHROMIUM is None:
        print("\nlayer slider: not measured, no Chromium is installed")
        return
    port = free_port()
    server = serve(DEMO, port)
    try:
        with sync_playwright() as playwright:
            page = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS)).new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.locator(".explorer[data-drawn=yes]").wait_for(timeout=120_000)
            page.wait_for_timeout(1500)
            times = sorted(float(page.evaluate(_PRESS)) for _ in range(PRESSES))
    finally:
        server.terminate()
    print_table(
        "Layer slider, 750 x 100 x 32 layers, key press to redraw",
        {
            "median (goal 50 ms)": f"{statistics.median(times):.0f} ms",
            "95th percentile": f"{times[int(0.95 * PRESSES)]:.0f} ms",
        },
    )


if __name__ == "__main__":
    main()
