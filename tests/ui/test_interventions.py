"""The page "Interventions" as a visitor uses it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

EXPLORER = ".explorer[data-drawn=yes]"
SWEEP_MS = 180_000


@pytest.fixture
def shown(page: Page, app_url: str) -> Page:
    """The page with the first example, nothing run yet."""
    page.goto(f"{app_url}/interventions")
    expect(page.locator(EXPLORER)).to_be_visible(timeout=180_000)  # the server may load the model first
    return page


def test_the_chosen_tokens_are_marked_before_anything_runs(shown: Page) -> None:
    expect(shown.get_by_text(re.compile(r"Ready to run: angle bottom:3"))).to_be_visible()
    marked = shown.locator(".plots .band.chosen")
    expect(marked).to_have_count(3)
    expect(shown.locator(".words button.changed").first).to_be_visible()
    shown.get_by_text("All of the path").click()
    expect(marked).not_to_have_count(3)


def test_run_shows_both_sides_and_a_picked_cell_joins(shown: Page) -> None:
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown.get_by_text("Answer to the edited speech")).to_be_visible()
    expect(shown.get_by_text("KL from unedited speech")).to_be_visible()
    expect(shown.get_by_text("Layer curves, before and after")).to_be_visible()
    shown.get_by_text("Picked by hand").click()
    expect(shown.get_by_text("Click a cell in the explorer below")).to_be_visible()
    shown.locator(".words button").nth(1).click()
    expect(shown.locator(".plots .band.chosen")).to_have_count(1)
    expect(shown.get_by_text(re.compile(r"Ready to run: angle picked:\d+, 1 speech token"))).to_be_visible()


def test_a_square_of_the_sweep_is_loaded(shown: Page) -> None:
    shown.get_by_role("tab", name="Sweep").click()
    panel = shown.get_by_role("tabpanel", name="Sweep")
    panel.get_by_role("button", name="Run the sweep").click()
    expect(panel.get_by_text(re.compile("Unedited speech: .* Best: "))).to_be_visible(timeout=SWEEP_MS)
    panel.locator(".scatterlayer .trace").nth(1).locator(".point").first.click(force=True)
    expect(
        shown.get_by_text(re.compile("Loaded into the tab One intervention: length bottom:1, strength 0.25"))
    ).to_be_visible()
    shown.get_by_role("tab", name="One intervention").click()
    expect(shown.get_by_role("combobox", name=re.compile("Method")).first).to_have_value("Length normalization")
    expect(shown.get_by_text("Answer to the edited speech")).to_be_visible()


def also_choose(panel: Locator, box: str, *names: str) -> None:
    """Add to a multiple choice."""
    for name in names:
        panel.get_by_role("combobox", name=box).click()
        panel.page.get_by_role("option", name=name, exact=True).click()
    panel.get_by_role("combobox", name=box).press("Escape")


def test_a_cancelled_sweep_stops_keeps_its_cells_and_goes_on(shown: Page) -> None:
    shown.get_by_role("tab", name="Sweep").click()
    panel = shown.get_by_role("tabpanel", name="Sweep")
    also_choose(panel, "Methods", "Both")
    also_choose(panel, "k", "2", "8")
    also_choose(panel, "Strengths", "0.1", "0.75")
    expect(panel.get_by_text(re.compile(r"540 settings\."))).to_be_visible()
    panel.get_by_role("button", name="Run the sweep").click()
    panel.get_by_role("button", name="Cancel").click()
    stopped = panel.get_by_text(re.compile(r"\d+ of 540 settings are computed; run the sweep again to go on"))
    expect(stopped).to_be_visible(timeout=SWEEP_MS)
    cells = int((stopped.text_content() or "").split()[0])
    assert 0 < cells < 540
    expect(panel.get_by_role("button", name="Cancel")).to_be_disabled()
    shown.wait_for_timeout(3000)
    assert (stopped.text_content() or "").startswith(f"{cells} of 540")
    assert panel.locator(".scatterlayer .point").count() == cells
    panel.get_by_role("button", name="Run the sweep").click()
    expect(panel.locator(".scatterlayer .point")).to_have_count(540, timeout=SWEEP_MS)
    expect(panel.get_by_text("chosen on this very pair")).to_be_visible()


def test_the_choice_of_the_sidebar_stands_on_every_page(shown: Page) -> None:
    shown.get_by_text("Upload a clip").click()
    expect(shown.get_by_text("Give a clip and its transcript in the sidebar")).to_be_visible()
    shown.get_by_role("link", name="One pair").click()
    expect(shown.get_by_text("Upload a clip and type its transcript in the sidebar")).to_be_visible()
