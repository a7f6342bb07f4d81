import json
import shutil
from copy import deepcopy
from typing import get_args

import pytest
import torch

import lcad
from lcad import LCADPipeline, load_pipeline
from lcad.checkpoints import embedded_names, folder_of, read_components
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.settings import PipelineSettings


@pytest.fixture
def copy(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "copy")


@pytest.mark.parametrize("dtype", [None, torch.float16])
@pytest.mark.slow
def test_a_saved_pipeline_is_read_back_the_same(tiny, tmp_path, dtype, capfd):
    tiny.save_pretrained(tmp_path / "saved", dtype)
    again = load_pipeline(tmp_path / "saved")
    assert again.settings == tiny.settings
    assert dict(again.scheduler.config) == dict(tiny.scheduler.config)
    assert again.tokenizer("a red cup").input_ids == tiny.tokenizer("a red cup").input_ids
    for name in ("autoencoder", "unet", "text_encoder"):
        before, after = getattr(tiny, name).state_dict(), getattr(again, name).state_dict()
        assert before.keys() == after.keys()
        for key, weights in before.items():
            assert after[key].dtype == weights.dtype == torch.float32 or not weights.is_floating_point()
            assert torch.equal(after[key], weights), key  # the tiny checkpoint itself is float16, so nothing is lost
    assert capfd.readouterr().err == ""


@pytest.mark.slow
def test_saving_in_half_precision_leaves_the_pipeline_as_it_is_and_halves_the_files(tiny, tmp_path):
    sizes = {}
    for dtype in (torch.float32, torch.float16):
        tiny.save_pretrained(tmp_path / str(dtype), dtype)
        sizes[dtype] = (tmp_path / str(dtype) / "unet" / "diffusion_pytorch_model.safetensors").stat().st_size
    assert tiny.unet.dtype == torch.float32
    assert sizes[torch.float16] < 0.6 * sizes[torch.float32]


def test_a_checkpoint_does_not_say_where_its_parts_once_lay(tiny, tmp_path):
    tiny.autoencoder.save_pretrained(tmp_path / "somewhere")
    moved = LuminanceAutoencoder.from_pretrained(tmp_path / "somewhere")
    pipeline = LCADPipeline.assemble(moved, tiny.unet, tiny.text_encoder, tiny.tokenizer, tiny.scheduler, tiny.settings)
    pipeline.save_pretrained(tmp_path / "saved")
    for config in (tmp_path / "saved").rglob("*.json"):
        assert "somewhere" not in config.read_text(encoding="utf-8"), config


@pytest.mark.slow
def test_models_are_read_in_eval_mode(tiny_folder):
    components = read_components(tiny_folder)
    assert not any(part.training for part in (components.autoencoder, components.unet, components.text_encoder))


def test_an_unknown_name_says_what_there_is():
    with pytest.raises(FileNotFoundError, match="there is no checkpoint “nano”") as raised:
        load_pipeline("nano")
    assert all(name in str(raised.value) for name in embedded_names())


@pytest.mark.parametrize(
    "gone", ["lcad.json", "unet/config.json", "text_encoder/model.safetensors", "scheduler/scheduler_config.json", "tokenizer"]
)
def test_a_missing_file_is_named(copy, gone):
    path = copy / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(FileNotFoundError, match="is incomplete, it lacks") as raised:
        load_pipeline(copy)
    assert gone.split("/")[0] in str(raised.value)


def test_an_empty_folder_lacks_everything(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"lacks lcad\.json, autoencoder/config\.json"):
        folder_of(tmp_path)


@pytest.mark.parametrize(
    "part", ["autoencoder/diffusion_pytorch_model.safetensors", "unet/config.json", "text_encoder/model.safetensors", "lcad.json"]
)
def test_a_damaged_file_is_named(copy, part):
    path = copy / part
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot be read") as raised:
        load_pipeline(copy)
    assert part.split("/")[0] in str(raised.value)


@pytest.mark.slow
def test_weights_that_lack_tensors_are_refused_not_drawn_at_random(copy, tiny):
    for name in ("unet", "autoencoder"):
        smaller = copy / name / "diffusion_pytorch_model.safetensors"
        whole = smaller.read_bytes()
        shutil.copy(copy / "text_encoder" / "model.safetensors", smaller)
        with pytest.raises(ValueError, match="Missing key"):
            load_pipeline(copy)
        smaller.write_bytes(whole)
    config = json.loads((copy / "text_encoder" / "config.json").read_text())
    (copy / "text_encoder" / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 2}))
    with pytest.raises(ValueError, match="missing_keys"):
        load_pipeline(copy)


def test_unknown_settings_are_refused(copy):
    settings = json.loads((copy / "lcad.json").read_text())
    (copy / "lcad.json").write_text(json.dumps(settings | {"steps": 0}))
    with pytest.raises(ValueError, match="steps ≥ 1"):
        load_pipeline(copy)


def test_settings_survive_json_and_are_filled_with_defaults():
    settings = PipelineSettings(native_size=128, steps=9, solver="unipc")
    assert PipelineSettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings
    assert PipelineSettings.from_json({"caption": {"interval": [0.2, 1.0]}}).caption.interval == (0.2, 1.0)
    assert PipelineSettings.from_json({}) == PipelineSettings()


def test_components_that_do_not_fit_each_other_are_named(tiny):
    parts = {name: getattr(tiny, name) for name in ("autoencoder", "unet", "text_encoder", "tokenizer", "scheduler")}
    wide = LuminanceAutoencoder(block_out_channels=(8, 24), layers_per_block=1, norm_num_groups=8)
    with pytest.raises(ValueError, match="takes 20 channels; this autoencoder gives 4 latent and 24 luminance channels"):
        LCADPipeline.assemble(**parts | {"autoencoder": wide})
    deaf = build_unet(
        16,
        block_out_channels=(8,),
        attention_levels=(True,),
        layers_per_block=1,
        cross_attention_dim=12,
        attention_heads=2,
        norm_num_groups=4,
    )
    with pytest.raises(ValueError, match="text encoder's width is 16, the denoiser attends to 12"):
        LCADPipeline.assemble(**parts | {"unet": deaf})
    many = deepcopy(tiny.tokenizer)
    many.add_tokens(["<chartreuse>"])
    with pytest.raises(ValueError, match=f"the tokenizer has {len(many)} tokens, the text encoder 318"):
        LCADPipeline.assemble(**parts | {"tokenizer": many})


def test_the_package_has_its_names_and_no_others():
    for name in ("LCADPipeline", "LCADPipelineOutput", "Region", "load_pipeline"):
        assert getattr(lcad, name).__name__ == name
    assert lcad.LCADPipeline in get_args(lcad.Colorizer)
    assert set(lcad.__all__) == {"Colorizer", "LCADPipeline", "LCADPipelineOutput", "Region", "load_pipeline"}
    with pytest.raises(AttributeError, match="no attribute 'colorize'"):
        lcad.colorize  # noqa: B018
