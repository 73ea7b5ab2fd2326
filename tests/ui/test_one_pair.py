"""The page "One pair" as a visitor uses it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from playwright.sync_api import Page, expect

from dashboard.sidebar.examples import EXAMPLES_FOLDER, shipped_examples

EXPLORER = ".explorer[data-drawn=yes]"


@pytest.fixture
def shown(page: Page, app_url: str) -> Page:
    """The page with its first example analysed."""
    page.goto(app_url)
    expect(page.locator(EXPLORER)).to_be_visible(timeout=180_000)  # the server may load the model first
    return page


def cell(page: Page, i: int, j: int) -> tuple[float, float]:
    """Where a cell of the matrix is on the screen."""
    page.locator(".matrix").scroll_into_view_if_needed()
    box = page.locator(".matrix .nsewdrag").first.bounding_box()
    assert box is not None
    n_text = page.locator(".words button").count()
    duration_s = sf.info(EXAMPLES_FOLDER / shipped_examples()[0].file).duration
    return box["x"] + box["width"] * (i + 0.5) * 0.1 / duration_s, box["y"] + box["height"] * (j + 0.5) / n_text


def matrix_image(page: Page) -> str:
    """The matrix as it is drawn, as a data URL."""
    return str(page.locator(".matrix .heatmaplayer image").first.evaluate("e => e.href.baseVal"))


def test_the_first_example_is_analysed_with_no_click(shown: Page) -> None:
    example = shipped_examples()[0]
    expect(shown.get_by_text(example.transcript).first).to_be_visible()
    expect(shown.get_by_text("Answer to the speech")).to_be_visible()
    expect(shown.get_by_text("right", exact=True)).to_have_count(2)
    expect(shown.get_by_text(re.compile(r"null .* to .*z = ")).first).to_be_visible()
    assert shown.locator(".words button").count() == shown.locator(EXPLORER).evaluate(
        "e => e.querySelectorAll('.matrix .yaxislayer-above text, .matrix .ytick text').length"
    )


def test_nothing_is_asked_of_the_network(page: Page, app_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(app_url)
    expect(page.locator(EXPLORER)).to_be_visible()
    assert [url for url in asked if not url.startswith((app_url, "data:", "blob:"))] == []


def test_keys_step_through_the_layers_in_the_browser(shown: Page) -> None:
    explorer = shown.locator(EXPLORER)
    explorer.focus()
    start = int(explorer.get_attribute("data-layer") or "")
    before = matrix_image(shown)
    shown.keyboard.press("ArrowLeft")
    expect(explorer).to_have_attribute("data-layer", str(start - 1))
    assert matrix_image(shown) != before
    shown.keyboard.press("ArrowRight")
    expect(explorer).to_have_attribute("data-layer", str(start))
    shown.get_by_role("radio", name="Euclidean distance").click()
    expect(explorer).to_have_attribute("data-similarity", "euclidean")


def test_a_click_on_a_cell_plays_marks_and_selects(shown: Page) -> None:
    explorer = shown.locator(EXPLORER)
    shown.mouse.click(*cell(shown, 4, 1))
    expect(explorer).to_have_attribute("data-played", re.compile(r"0\.4\d*,0\.5\d*"))
    expect(explorer).to_have_attribute("data-selection", "4,1")
    expect(shown.locator(".plots > .band").first).to_be_visible()
    expect(shown.locator(".words button.on")).to_have_count(1)
    expect(
        shown.get_by_text(re.compile(r"Selected: speech token 4 \(0\.40 s to 0\.50 s\) and text token 1"))
    ).to_be_visible()
    shown.keyboard.press("Escape")
    expect(explorer).to_have_attribute("data-selection", "")
    expect(shown.get_by_text(re.compile("Selected: speech token"))).to_have_count(0)


def test_a_second_click_clears_and_a_word_selects_its_partner(shown: Page) -> None:
    explorer = shown.locator(EXPLORER)
    word = shown.locator(".words button").nth(2)
    word.click()
    expect(explorer).to_have_attribute("data-selection", re.compile(r"\d+,2"))
    word.click()
    expect(explorer).to_have_attribute("data-selection", "")


def test_an_upload_is_analysed(page: Page, app_url: str) -> None:
    page.goto(app_url)
    page.get_by_text("Upload a clip").click()
    expect(page.get_by_text("Upload a clip and type its transcript")).to_be_visible()
    page.locator("input[type=file]").set_input_files(EXAMPLES_FOLDER / shipped_examples()[1].file)
    page.get_by_role("textbox", name="Transcript").fill("<img src=x onerror=alert(1)> **hi**")
    page.get_by_role("textbox", name="Transcript").press("Control+Enter")
    expect(page.locator(EXPLORER)).to_be_visible()
    expect(page.locator("p", has_text="<img src=x onerror=alert(1)> **hi**")).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    expect(page.get_by_text(re.compile("synthetic voices only"))).to_be_visible()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("page.wav", b"<html></html>" * 40, "is not a sound file"),
        ("../../silence.wav", None, "'silence.wav' is silent"),
    ],
)
def test_a_bad_upload_says_why_and_keeps_the_last_result(
    shown: Page, name: str, data: bytes | None, sentence: str
) -> None:
    if data is None:
        buffer = io.BytesIO()
        sf.write(buffer, np.zeros(16_000), 16_000, format="WAV")
        data = buffer.getvalue()
    shown.get_by_text("Upload a clip").click()
    shown.locator("input[type=file]").set_input_files({"name": name, "mimeType": "audio/wav", "buffer": data})
    expect(shown.get_by_text(re.compile(sentence))).to_be_visible()
    expect(shown.get_by_text("Below is still the last analysed pair.")).to_be_visible()
    expect(shown.locator(EXPLORER)).to_be_visible()


def test_a_missing_model_leaves_the_app_usable(shown: Page) -> None:
    shown.get_by_text("Folder or hub id").click()
    shown.get_by_label("Model folder or hub id").fill("./no-such-model")
    shown.get_by_label("Model folder or hub id").press("Enter")
    expect(shown.get_by_text(re.compile("There is no model folder at './no-such-model'"))).to_be_visible()
    shown.get_by_text("modgap-mini (ships with ModGap)").click()
    expect(shown.get_by_text(re.compile("There is no model folder"))).to_have_count(0)
    expect(shown.locator(EXPLORER)).to_be_visible()


def test_the_result_downloads_as_a_zip_that_opens_again(shown: Page, tmp_path: Path) -> None:
    shown.get_by_text("Downloads", exact=True).click()
    with shown.expect_download() as waiting:
        shown.get_by_role("button", name="Whole result (zip)").click()
    waiting.value.save_as(tmp_path / "result.zip")
    assert {"result.json", "quantities.parquet", "arrays.safetensors", "speech.wav"} == set(
        zipfile.ZipFile(tmp_path / "result.zip").namelist()
    )
    answer = shown.get_by_role("heading", level=4).first.text_content() or ""
    shown.get_by_role("combobox", name="Example").click()
    shown.get_by_role("option").nth(5).click()
    expect(shown.get_by_text(shipped_examples()[5].transcript).first).to_be_visible()
    shown.get_by_text("Saved result").click()
    shown.locator("input[type=file]").set_input_files(tmp_path / "result.zip")
    expect(shown.get_by_text(shipped_examples()[0].transcript).first).to_be_visible()
    expect(shown.get_by_role("heading", level=4).first).to_have_text(answer)
    expect(shown.locator(".words button")).to_have_count(len(shipped_examples()[0].transcript.split()))
    shown.get_by_role("link", name="Interventions").click()
    expect(shown.get_by_text(re.compile("Ready to run: angle bottom:3"))).to_be_visible()
