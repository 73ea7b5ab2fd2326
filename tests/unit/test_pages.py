"""What holds of every page: its title comes first, the sidebar is where it is used, and what was given stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared.panel import CORPUS, INTERVENTIONS, ONE_PAIR, PANELS, panels_of
from modgap_core.shipped import shipped_path

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
PAGES = {"one_pair": True, "interventions": True, "corpus": False, "meanings": False}
"""Whether the page uses the sidebar."""


@pytest.fixture(scope="module")
def app() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=120).run()


@pytest.mark.parametrize(("page", "has_sidebar"), PAGES.items())
def test_a_page_begins_with_its_title_and_has_the_sidebar_if_it_uses_it(
    app: AppTest, page: str, has_sidebar: bool
) -> None:
    app.switch_page(f"{page}/page.py").run()
    assert not app.exception
    assert app.main[0].type == "title"
    assert (len(app.sidebar.radio) > 0) == has_sidebar


def test_what_was_given_stays_while_another_page_is_shown() -> None:
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    app.sidebar.radio(key="input").set_value("Upload a clip").run()
    clip = shipped_path("examples/02-right.flac")
    app.file_uploader(key="upload").upload("mine.flac", clip.read_bytes(), "audio/flac").run()
    app.text_area(key="upload_transcript").set_value("anything that is said").run()
    assert not app.error
    shown = [metric.value for metric in app.metric]
    app.switch_page("corpus/page.py").run()
    app.switch_page("meanings/page.py").run()
    app.switch_page("one_pair/page.py").run()
    assert not app.exception
    assert app.sidebar.radio(key="input").value == "Upload a clip"
    assert app.text_area(key="upload_transcript").value == "anything that is said"
    assert [metric.value for metric in app.metric] == shown
    assert any("Still mine" in caption.value for caption in app.sidebar.caption)


def test_panels_stand_in_their_order_and_a_page_loads_only_its_own() -> None:
    for page in (ONE_PAIR, INTERVENTIONS, CORPUS):
        names = [panel.name for panel in panels_of(page)]
        assert names
        assert all(name.startswith(f"{page}.") for name in names)
        assert [panel.order for panel in panels_of(page)] == sorted(panel.order for panel in panels_of(page))
    assert [panel.name.partition(".")[2] for panel in panels_of(ONE_PAIR)][:4] == [
        *("answers", "after_norm", "numbers", "layer_curves")
    ]
    assert all(PANELS.get(name).name == name for name in PANELS.own_names())
