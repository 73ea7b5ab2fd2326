"""How and from where a model is loaded: the hub, remote code, attention, precision, packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from peft import LoraConfig, get_peft_model

from modgap_core.errors import ModelError
from modgap_core.models.doctor import diagnose
from modgap_core.models.load import load_model, missing_package
from modgap_core.models.lslm import LSLMForConditionalGeneration
from tests.hub_server import serve_hub
from tests.tiny_models import build_lslm, build_qwen2_audio, build_units
from tests.tolerances import assert_close

TEXT = "what is this"
REMOTE_MODEL = """
from pathlib import Path
from transformers import LlamaConfig, LlamaForCausalLM

Path(__file__).with_name("it_ran").touch()

class OwnConfig(LlamaConfig):
    model_type = "own_llm"

class OwnForCausalLM(LlamaForCausalLM):
    config_class = OwnConfig
"""


def test_models_of_the_hub_and_what_it_refuses(tmp_path: Path) -> None:
    """In a process of its own, because huggingface_hub reads its settings once."""
    folder = build_lslm(tmp_path / "model")
    code = dedent("""
        from modgap_core.models.load import load_model
        from modgap_core.errors import ModelError
        for name in ("owner/tiny", "nobody/nothing", "owner/gated", "not a name"):
            try:
                print(load_model(name).identity.name)
            except ModelError as error:
                print(error)
    """)
    with serve_hub(folder, "owner/tiny") as address:
        environment = {**os.environ, "HF_ENDPOINT": address, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "cache")}
        done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    loaded, missing, gated, misnamed = done.stdout.splitlines()
    assert loaded == "owner/tiny"
    assert missing.startswith("'nobody/nothing' is no folder here, and the Hugging Face hub has no such model")
    assert gated.startswith("'owner/gated' is no folder here, and the Hugging Face hub gives it only to those who")
    assert misnamed == "'not a name' is no folder here, and cannot be a Hugging Face hub id; write OWNER/NAME."


def test_no_network() -> None:
    with pytest.raises(ModelError, match="the Hugging Face hub could not be reached and no copy was downloaded before"):
        load_model("nobody/no-such-model")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A model with speech units whose program code lies in its folder."""
    folder = build_units(tmp_path / "remote", "speechgpt")
    (folder / "own_llm.py").write_text(REMOTE_MODEL)
    config = json.loads((folder / "config.json").read_text())
    own = {"AutoConfig": "own_llm.OwnConfig", "AutoModelForCausalLM": "own_llm.OwnForCausalLM"}
    changed = {**config, "model_type": "own_llm", "architectures": ["OwnForCausalLM"], "auto_map": own}
    (folder / "config.json").write_text(json.dumps(changed))
    return folder


def test_remote_code_runs_only_when_trusted(remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    with pytest.raises(ModelError, match="which ModGap never runs unless you pass --trust-remote-code"):
        load_model(remote)
    assert not list(tmp_path.rglob("it_ran"))
    model = load_model(remote, trust_remote_code=True)
    assert list(tmp_path.rglob("it_ran"))
    assert model.identity.model_type == "own_llm"
    assert diagnose(model).passed


@pytest.mark.numeric
def test_attention_implementations_agree(tmp_path: Path) -> None:
    folder = build_qwen2_audio(tmp_path)
    states = []
    for name in ("eager", "sdpa"):
        model = load_model(folder, attn_implementation=name)
        assert model.decoder.config._attn_implementation == name
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            states.append(model.span_states(model.encode_text([TEXT])))
        ran = {event.key for event in profile.key_averages()}
        assert ("aten::scaled_dot_product_attention" in ran) == (name == "sdpa")
    assert_close(*states)


def test_an_attention_that_is_not_there(tmp_path: Path) -> None:
    folder = build_qwen2_audio(tmp_path)
    with pytest.raises(ModelError, match=r"cannot be loaded.*quick_attention"):
        load_model(folder, attn_implementation="quick_attention")
    with pytest.raises(ModelError, match=r"(?i)flash.?attn|flash.?attention"):
        load_model(folder, attn_implementation="flash_attention_2")


@pytest.mark.numeric
def test_device_map_gives_the_same_states(tmp_path: Path) -> None:
    folder = build_qwen2_audio(tmp_path)
    one, spread = load_model(folder), load_model(folder, device_map="auto")
    assert_close(*(m.span_states(m.encode_text([TEXT])) for m in (one, spread)))


@pytest.mark.numeric
@pytest.mark.parametrize("quantization", ["8bit", "4bit"])
@pytest.mark.parametrize("with_lora", [False, True])
def test_quantized_weights_pass_the_doctor(tmp_path: Path, quantization: str, with_lora: bool) -> None:
    pytest.importorskip("bitsandbytes")
    folder = build_lslm(tmp_path / "model", width=128)
    if with_lora:
        lora = LoraConfig(r=2, target_modules=["q_proj"], init_lora_weights=False)
        backbone = LSLMForConditionalGeneration.from_pretrained(folder).language_model
        get_peft_model(backbone, lora).save_pretrained(folder / "lora")
    model = load_model(folder, quantization=quantization)
    kinds = {type(module).__name__ for module in model.decoder.modules()}
    assert kinds & {"Linear8bitLt", "Linear4bit"}
    assert diagnose(model).passed
    exact = load_model(folder)
    near = [m.span_states(m.encode_text([TEXT])).flatten() for m in (exact, model)]
    assert 0.9 < float(torch.nn.functional.cosine_similarity(*near, dim=0)) < 1.0


def test_bitsandbytes_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="Unknown quantization '2bit'; choose from 8bit, 4bit"):
        load_model(tmp_path, quantization="2bit")
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(ModelError, match=r"4bit needs the package .bitsandbytes.*: pip install .modgap.quantized."):
        load_model(tmp_path, quantization="4bit")


def test_a_missing_package_is_named_with_its_command(tmp_path: Path) -> None:
    from transformers.utils import requires_backends

    with pytest.raises(ImportError) as raised:
        requires_backends(load_model, ["essentia"])
    assert missing_package(raised.value) == "essentia"
    folder = build_qwen2_audio(tmp_path)
    code = dedent(f"""
        import sys
        sys.modules["librosa"] = sys.modules["torchaudio"] = None
        from modgap_core.models.load import unloadable
        from pathlib import Path
        try:
            import librosa
        except ImportError as error:
            print(unloadable("processor", Path({str(folder)!r}), error))
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("needs the package 'librosa': pip install librosa")


def test_the_model_loaded_before_stays_usable(tmp_path: Path) -> None:
    good = load_model(build_lslm(tmp_path / "good"))
    before = good.span_states(good.encode_text([TEXT]))
    with pytest.raises(ModelError):
        load_model(tmp_path / "none")
    assert_close(good.span_states(good.encode_text([TEXT])), before)
