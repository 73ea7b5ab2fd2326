"""Small print can be read: contrast by WCAG 2, computed from what the browser draws."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

LEAST_AA = 4.5
FIRST_START_MS = 180_000
SEEN = """() => [...document.querySelectorAll('[data-testid="stCaptionContainer"] p')]
  .filter((e) => e.checkVisibility() && e.textContent.trim())
  .map((e) => {
    const layers = [];
    let opacity = 1;
    for (let box = e; box; box = box.parentElement) {
      const style = getComputedStyle(box);
      opacity *= Number(style.opacity);
      layers.push(style.backgroundColor);
    }
    return { text: e.textContent, colour: getComputedStyle(e).color, opacity, layers };
  })"""

Colour = tuple[float, float, float]


@pytest.fixture(params=["light", "dark"])
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in a browser that prefers light or dark."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    yield context.new_page()
    context.close()


def rgba(page: Page, css: str) -> tuple[Colour, float]:
    """Any CSS colour as numbers, by the browser's own reading."""
    r, g, b, a = page.evaluate(
        """(css) => {
          const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          pen.fillStyle = css;
          pen.fillRect(0, 0, 1, 1);
          return [...pen.getImageData(0, 0, 1, 1).data];
        }""",
        css,
    )
    return (r / 255, g / 255, b / 255), a / 255


def over(colour: Colour, alpha: float, below: Colour) -> Colour:
    r, g, b = (alpha * c + (1 - alpha) * under for c, under in zip(colour, below, strict=True))
    return r, g, b


def luminance(colour: Colour) -> float:
    """Relative luminance (WCAG 2.2)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: Colour, other: Colour) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)
    assert contrast((0x77 / 255,) * 3, (1, 1, 1)) == pytest.approx(4.48, abs=0.01)  # as WebAIM and axe have it


@pytest.mark.parametrize("path", ["", "interventions"])
def test_captions_and_verdicts_can_be_read(themed: Page, app_url: str, path: str) -> None:
    themed.goto(f"{app_url}/{path}")
    expect(themed.locator(".explorer[data-drawn=yes]")).to_be_visible(timeout=FIRST_START_MS)
    seen = themed.evaluate(SEEN)
    texts = [caption["text"] for caption in seen]
    assert any(text.startswith("Voice") or "Voice:" in text for text in texts)  # in the sidebar
    if not path:
        assert texts.count("right") == 2  # the verdicts
    for caption in seen:
        ground: Colour = (1.0, 1.0, 1.0)
        for layer in reversed(caption["layers"]):
            ground = over(*rgba(themed, layer), ground)
        colour, alpha = rgba(themed, caption["colour"])
        assert contrast(over(colour, alpha * caption["opacity"], ground), ground) >= LEAST_AA, caption["text"]
