"""The alignment explorer: one time axis for sound, matrix, marks and clicks; what travels to the browser."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Request, WebSocket, expect

from dashboard.sidebar.examples import shipped_examples

EXPLORER = ".explorer[data-drawn=yes]"
FIRST_START_MS = 180_000  # the server may load the model first
SPOKEN = (0, 1, 6)  # together 4.84 s; modgap-mini hears 5 s
TOKEN_S = 0.1


@pytest.fixture
def long_clip(tmp_path: Path) -> tuple[Path, str]:
    """A clip near the model's longest, and what is said in it."""
    said = [shipped_examples()[k] for k in SPOKEN]
    parts = [sf.read(example.path, dtype="float32") for example in said]
    sf.write(tmp_path / "long.wav", np.concatenate([samples for samples, _ in parts]), parts[0][1])
    return tmp_path / "long.wav", " ".join(example.transcript for example in said)


@pytest.fixture
def long_pair(page: Page, app_url: str, long_clip: tuple[Path, str]) -> Page:
    """The page with that clip analysed."""
    clip, transcript = long_clip
    page.goto(app_url)
    page.get_by_text("Upload a clip").click()
    page.locator("input[type=file]").set_input_files(clip)
    page.get_by_role("textbox", name="Transcript").fill(transcript)
    page.get_by_role("textbox", name="Transcript").press("Control+Enter")
    expect(page.locator(EXPLORER)).to_be_visible(timeout=FIRST_START_MS)
    expect(page.locator(".words button")).to_have_count(len(transcript.split()))
    return page


def box_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return dict(box)


def drawn_columns(page: Page) -> NDArray[np.float64]:
    """Left edge of each drawn column of the matrix and the right edge of the last, read off the pixels."""
    page.locator(".matrix").scroll_into_view_if_needed()
    page.locator(EXPLORER).evaluate("e => e.querySelector('.matrix .scatterlayer').style.visibility = 'hidden'")
    box = box_of(page, ".matrix .nsewdrag")
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")).astype(int)  # type: ignore[arg-type]
    changes = (np.abs(np.diff(shot, axis=1)).sum(axis=2) > 0).mean(axis=0)
    edges = 1 + np.flatnonzero(changes > 0.3)  # many rows change colour where a column ends
    return np.asarray([0, *edges, shot.shape[1]]) + box["x"]


@pytest.mark.parametrize("metric", ["Cosine similarity", "Euclidean distance"])
def test_every_column_is_hit_and_marked_where_it_is_drawn(
    long_pair: Page, long_clip: tuple[Path, str], metric: str
) -> None:
    page, explorer = long_pair, long_pair.locator(EXPLORER)
    page.get_by_role("radio", name=metric).click()
    edges = drawn_columns(page)
    n_speech = int(np.ceil(sf.info(long_clip[0]).duration / TOKEN_S))
    assert len(edges) - 1 == n_speech == 49
    y = box_of(page, ".matrix .nsewdrag")["y"] + 3
    for i, (left, right) in enumerate(pairwise(edges)):
        page.mouse.click((left + right) / 2, y)
        assert explorer.get_attribute("data-selection") == f"{i},0"
        band = box_of(page, ".plots > .band")
        assert band["x"] == pytest.approx(left, abs=1.6)
        assert band["x"] + band["width"] == pytest.approx(right, abs=1.6)


def test_sound_and_matrix_stand_on_one_time_axis(long_pair: Page) -> None:
    for metric in ("Cosine similarity", "Euclidean distance"):
        long_pair.get_by_role("radio", name=metric).click()
        sound, matrix = (box_of(long_pair, f".{plot} .nsewdrag") for plot in ("sound", "matrix"))
        assert (sound["x"], sound["width"]) == (matrix["x"], matrix["width"])


def test_the_colour_bar_stays_inside_the_picture(long_pair: Page) -> None:
    for metric in ("Cosine similarity", "Euclidean distance"):
        long_pair.get_by_role("radio", name=metric).click()
        plot, bar = box_of(long_pair, ".matrix .main-svg"), box_of(long_pair, ".matrix .colorbar")
        assert bar["x"] + bar["width"] <= plot["x"] + plot["width"]


def test_space_presses_a_focused_button_and_plays_elsewhere(long_pair: Page) -> None:
    explorer = long_pair.locator(EXPLORER)
    long_pair.locator(".words button").nth(2).focus()
    long_pair.keyboard.press("Space")
    chosen = explorer.get_attribute("data-selection") or ""
    assert chosen.endswith(",2")
    long_pair.get_by_role("button", name="Clear").focus()
    long_pair.keyboard.press("Space")
    assert explorer.get_attribute("data-selection") == ""
    explorer.focus()
    long_pair.keyboard.press("Space")
    for _ in range(100):  # sound begins a little after the key
        duration_s = float((explorer.get_attribute("data-played") or "0,0").split(",")[1])
        if duration_s > 4.8:
            break
        long_pair.wait_for_timeout(100)
    assert duration_s > 4.8


def test_another_example_brings_no_plotly_and_little_else(page: Page, app_url: str) -> None:
    frames: list[bytes] = []
    requests: list[Request] = []

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda payload: frames.append(bytes(payload, "utf-8") if isinstance(payload, str) else payload),
        )

    def finished(request: Request) -> None:
        requests.append(request)

    page.on("websocket", listen)
    page.on("requestfinished", finished)
    page.goto(app_url)
    expect(page.locator(EXPLORER)).to_be_visible(timeout=FIRST_START_MS)
    page.wait_for_load_state("networkidle")
    assert sum("PlotlyChart" in request.url for request in requests) == 1
    assert not any(b"Plotly, Inc" in frame for frame in frames)
    frames.clear()
    requests.clear()
    drawn = page.locator(".matrix .heatmaplayer image")
    before = drawn.get_attribute("href") or ""
    assert before.startswith("data:image")
    page.get_by_role("combobox", name="Example").click()
    page.get_by_role("option").nth(5).click()
    expect(page.get_by_text(shipped_examples()[5].transcript).first).to_be_visible()
    expect(drawn).not_to_have_attribute("href", before)
    page.wait_for_load_state("networkidle")
    sent = sum(map(len, frames)) + sum(request.sizes()["responseBodySize"] for request in requests)
    assert sent < 1_500_000
    assert not any("plotly" in request.url.lower() for request in requests)


def test_the_explorer_draws_on_a_page_without_other_charts(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/interventions")
    expect(page.locator(EXPLORER)).to_be_visible(timeout=FIRST_START_MS)
    assert page.locator(".stPlotlyChart").count() == 0
    expect(page.locator(".matrix .heatmaplayer image")).to_have_count(1)


def test_the_explorer_draws_where_streamlit_brings_no_plotly(page: Page, app_url: str) -> None:
    page.route("**/PlotlyChart*", lambda route: route.abort())
    page.goto(f"{app_url}/interventions")
    expect(page.locator(EXPLORER)).to_be_visible(timeout=FIRST_START_MS)
    expect(page.locator(".matrix .heatmaplayer image")).to_have_count(1)
    page.locator(".words button").nth(2).click()
    assert (page.locator(EXPLORER).get_attribute("data-selection") or "").endswith(",2")
