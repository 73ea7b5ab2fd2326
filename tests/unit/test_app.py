"""The page's script, driven without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.shared.exports import result_zip
from dashboard.sidebar.choose import MINI, OTHER
from dashboard.sidebar.examples import shipped_examples
from dashboard.sidebar.input_source import INPUTS
from modgap_core import Condition, intervene, load_model, load_result, save_intervention, save_result
from modgap_core.audio.speak import is_available
from modgap_core.interventions.paper_table import table_conditions
from modgap_core.interventions.token_choice import PICKED

SAVED, SPEAK, UPLOAD = (INPUTS.get(name).title for name in ("saved", "speak", "upload"))
APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"


@pytest.fixture
def app() -> AppTest:
    """The page after its first run."""
    app = AppTest.from_file(str(APP), default_timeout=120).run()
    assert not app.exception
    return app


def test_first_run_shows_an_analysed_example(app: AppTest) -> None:
    assert not app.error
    labels = [metric.label for metric in app.metric]
    assert labels == ["APS cosine", "APS Euclidean", "similarity score", "monotonicity", "path consistency"]
    assert all(0 <= float(metric.value) <= 1 for metric in app.metric if metric.label != "APS Euclidean")
    assert app.selectbox(key="example").value == shipped_examples()[0]


def test_every_example_is_analysed(app: AppTest) -> None:
    for example in shipped_examples():
        app.selectbox(key="example").set_value(example).run()
        assert not app.exception
        assert not app.error
        assert len(app.metric) == 5


def test_the_final_norm_switch_changes_the_scores(app: AppTest) -> None:
    before = [metric.value for metric in app.metric]
    app.toggle(key="after_norm").set_value(True).run()
    assert [metric.value for metric in app.metric] != before


def test_result_folder(app: AppTest, tmp_path: Path) -> None:
    app.sidebar.radio(key="input").set_value(SAVED).run()
    assert "Upload the zip of a result" in app.info[0].value
    app.text_input(key="result_folder").set_value(str(tmp_path)).run()
    assert "There is no ModGap result" in app.error[0].value.replace("\\", "")
    shown = app.session_state["last_result"]
    save_result(shown, tmp_path)
    app.text_input(key="result_folder").set_value(str(tmp_path) + "/").run()
    assert not app.error
    assert app.session_state["last_result"].transcript == load_result(tmp_path).transcript


def test_broken_model_keeps_the_last_result(app: AppTest) -> None:
    app.sidebar.radio(key="model_choice").set_value(OTHER).run()
    app.sidebar.text_input(key="model_name").set_value("./none").run()
    assert "There is no model folder at './none'" in app.error[0].value.replace("\\", "")
    assert len(app.metric) == 5
    app.sidebar.radio(key="model_choice").set_value(MINI).run()
    assert not app.error


def test_the_doctor_says_what_it_did_not_check(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Run the doctor").click().run()
    assert not app.exception
    shown = " ".join(m.value for m in app.markdown).replace("\\", "")
    assert "a cached, edited answer equals an uncached recompute" in shown
    assert "Not checked: GPU" in shown


@pytest.mark.skipif(not is_available("espeak-ng"), reason="espeak-ng is not installed")
def test_speak_it_for_me(app: AppTest) -> None:
    app.sidebar.radio(key="input").set_value(SPEAK).run()
    app.text_input(key="sentence").set_value("what is the capital of <b>iran</b>").run()
    assert not app.exception
    assert app.session_state["last_result"].transcript == "what is the capital of <b>iran</b>"
    assert any(r"\<b\>iran\<\/b\>" in markdown.value for markdown in app.markdown)


def test_interventions_run_compare_and_sweep(app: AppTest) -> None:
    app.switch_page("interventions/page.py").run()
    assert not app.exception
    app.button(key="iv_run").click().run()
    metrics = {metric.label: metric.value for metric in app.metric}
    assert float(metrics["KL from unedited speech"]) > 0
    app.selectbox(key="iv_method").set_value("identity").run()
    app.button(key="iv_run").click().run()
    metrics = {metric.label: metric for metric in app.metric}
    assert float(metrics["KL from unedited speech"].value) == 0
    assert float(metrics["APS cosine"].delta) == 0
    app.button(key="iv_run_table").click().run()
    runs = ["text", "speech", *(condition.label for condition in table_conditions())]
    assert app.dataframe[0].value.run.tolist() == runs
    app.button(key="sweep_run").click().run()
    assert not app.exception
    app.session_state["sweep_job"].wait(120)
    app.run()
    assert not app.exception
    shown = " ".join(caption.value for caption in app.caption)
    assert "Best" in shown
    assert "chosen on this very pair" in shown


def test_interventions_without_a_picked_token_say_what_to_do(app: AppTest) -> None:
    app.switch_page("interventions/page.py").run()
    app.radio(key="iv_tokens").set_value(PICKED).run()
    assert not app.exception
    assert any("Click a cell in the explorer" in info.value for info in app.info)
    app.multiselect(key="iv_picked").set_value([2, 3]).run()
    app.button(key="iv_run").click().run()
    assert not app.exception
    assert any(metric.label == "APS cosine" for metric in app.metric)


def test_upload_waits_for_sound_and_transcript(app: AppTest) -> None:
    app.sidebar.radio(key="input").set_value(UPLOAD).run()
    assert not app.exception
    assert "Upload a clip and type its transcript" in app.info[0].value


def test_a_saved_intervention_opens_on_its_page_and_not_on_the_other(app: AppTest, tmp_path: Path) -> None:
    example = shipped_examples()[0]
    result = intervene(load_model(), example.path, example.transcript, [Condition()], reference=example.reference)
    save_intervention(result, tmp_path)
    app.sidebar.radio(key="input").set_value(SAVED).run()
    app.text_input(key="result_folder").set_value(str(tmp_path)).run()
    assert "open it on its own page, Interventions" in app.error[0].value.replace("\\", "")
    app.switch_page("interventions/page.py").run()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="iv_saved").value.label == "angle bottom:3"
    assert any(metric.label == "APS Euclidean" for metric in app.metric)


def test_a_zip_that_was_saved_opens_on_both_pages(app: AppTest) -> None:
    data = result_zip(app.session_state["last_result"])
    del app.session_state["last_result"]
    app.sidebar.radio(key="input").set_value(SAVED).run()
    app.file_uploader(key="result_zip").upload("r.zip", data, "application/zip").run()
    assert not app.error
    assert app.session_state["last_result"].transcript == shipped_examples()[0].transcript
    app.switch_page("interventions/page.py").run()
    assert not app.exception
    assert not app.error
    assert app.button(key="iv_run").label == "Run"


def test_a_zip_of_something_else_is_told(app: AppTest) -> None:
    app.sidebar.radio(key="input").set_value(SAVED).run()
    app.file_uploader(key="result_zip").upload("photo.zip", b"no zip", "application/zip").run()
    assert "'photo.zip' is no zip" in app.error[0].value.replace("\\", "")
