"""The page "Corpus" as a visitor uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from modgap_core.corpus.manifest.read import read_manifest
from modgap_core.corpus.read.scored_runs import scored_runs
from modgap_core.corpus.read.tables import item_table
from modgap_core.corpus.store.run_folder import load_run
from modgap_core.shipped import shipped_path


@pytest.fixture
def corpus(page: Page, app_url: str) -> Page:
    """The page with the shipped run."""
    page.goto(f"{app_url}/corpus")
    expect(page.get_by_role("heading", name="Items")).to_be_visible()
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the server has drawn the whole page; until then it may put a new element for one that is used."""
    app = page.locator('[data-testid="stApp"]')
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=120_000)


def test_the_shipped_run_stands_there_at_the_first_start(corpus: Page) -> None:
    n = len(read_manifest(shipped_path("mini-corpus/manifest.csv")).items)
    expect(corpus.get_by_text(f"modgap-mini: {n} items of mini-corpus")).to_be_visible()
    for heading in ("GAP", "Layer curves", "Scores", "Interventions", "Slices", "Alignment and correctness"):
        expect(corpus.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(corpus.locator(".js-plotly-plot").first).to_be_visible()


def test_a_row_opens_its_pair(corpus: Page) -> None:
    grid = corpus.locator('[data-testid="stDataFrame"]').last
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    corpus.mouse.click(box["x"] + 18, box["y"] + 52)  # the checkbox of the first row; the grid is a canvas
    told = corpus.get_by_text(re.compile(r"^mini-\d{3}: ")).first
    expect(told).to_be_visible()
    transcript = told.inner_text().partition(": ")[2]
    corpus.get_by_role("button", name="Open in One pair").click()
    expect(corpus.locator(".explorer[data-drawn=yes]")).to_be_visible()
    expect(corpus.get_by_text(transcript).first).to_be_visible()
    expect(corpus.get_by_role("radio", name="Corpus item")).to_be_checked()


def test_an_item_right_in_text_and_wrong_in_speech_is_judged_so_on_both_pages(corpus: Page) -> None:
    """Of multiple choice too, whose answers name the option and not its letter."""
    (run,) = scored_runs(load_run(shipped_path("runs/modgap-mini")))
    row = item_table(run).task.tolist().index("mcq")
    assert row < 8  # seen without scrolling
    grid = corpus.locator('[data-testid="stDataFrame"]').last
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    corpus.mouse.click(box["x"] + 18, box["y"] + 52 + 35 * row)
    expect(corpus.get_by_text(re.compile("^Right answer: [A-D] of A: "))).to_be_visible()
    expect(corpus.get_by_text(re.compile("^An ASR heard"))).to_be_visible()
    corpus.get_by_role("button", name="Open in One pair").click()
    expect(corpus.get_by_text("right", exact=True)).to_be_visible(timeout=120_000)  # the model is loaded
    expect(corpus.get_by_text(re.compile(r"^wrong; expected: [A-D] \("))).to_be_visible()
    expect(corpus.get_by_text(re.compile("^An ASR heard"))).to_be_visible()


def test_the_report_downloads(corpus: Page) -> None:
    corpus.get_by_text("Downloads", exact=True).click()
    with corpus.expect_download() as download:
        corpus.get_by_role("button", name="Report (one HTML file)").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "ModGap: corpus report" in text
    assert '<script src="http' not in text


def test_a_folder_without_a_run_gets_a_sentence(corpus: Page) -> None:
    field = corpus.get_by_label("Folder with runs")
    field.fill("/no/such/folder")
    field.press("Enter")
    expect(
        corpus.get_by_text("There is no folder 'folder'; give the one that modgap corpus --out wrote.")
    ).to_be_visible()
