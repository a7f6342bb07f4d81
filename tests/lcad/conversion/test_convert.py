"""Whole files become whole folders and come back; what is missing or wrong is said, and nothing half-made is left."""

import json
import shutil

import pytest
import torch
from huggingface_hub import constants

from lcad import load_pipeline
from lcad.checkpoints import read_components, write_checkpoint
from lcad.conversion import convert, export, read_weights, start
from lcad.conversion.official_tensor_names import unused_kind
from lcad.training.mini_config import train_tokenizer


@pytest.fixture
def checkpoint(official, tmp_path):
    """An official checkpoint as a trainer writes it."""
    torch.save({"state_dict": official, "epoch": 3, "optimizer_states": [{"state": {0: {"step": torch.ones(1)}}}]}, tmp_path / "lcad.ckpt")
    return tmp_path / "lcad.ckpt"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A cache of the hub in the test's folder, and no network."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def same(first, second):
    assert first.state_dict().keys() == second.state_dict().keys()
    return all(torch.equal(second.state_dict()[name], tensor) for name, tensor in first.state_dict().items())


@pytest.mark.slow
def test_an_official_checkpoint_becomes_a_folder_and_comes_back_bit_by_bit(
    checkpoint, official, lcad_components, diffusers_folder, tmp_path
):
    began = []
    reading = convert(checkpoint, diffusers_folder, tmp_path / "ours", began.append)
    read = load_pipeline(tmp_path / "ours")
    for part in ("autoencoder", "unet", "text_encoder"):
        assert same(getattr(lcad_components, part), getattr(read, part))
    assert read.scheduler.config.prediction_type == "epsilon"
    assert read.settings.native_size == 256
    assert read.tokenizer("a red cup").input_ids == lcad_components.tokenizer("a red cup").input_ids
    assert sum(reading.read.values()) + sum(reading.unused.values()) == len(official)
    assert reading.read["denoiser"] == len(lcad_components.unet.state_dict())
    assert reading.unused["losses"] == 3
    assert reading.text == "the checkpoint"
    assert [what.split()[0] for what in began] == ["reading"] * 2 + ["writing"] * 5

    counts = export(tmp_path / "ours", tmp_path / "again.ckpt")
    again = read_weights(tmp_path / "again.ckpt")
    used = {name: tensor for name, tensor in official.items() if unused_kind(name) is None}
    assert used.keys() <= again.keys()
    assert all(again[name].dtype == torch.float32 and torch.equal(again[name], tensor) for name, tensor in used.items())
    assert counts == reading.read


@pytest.mark.slow
def test_the_bases_text_encoder_is_taken_where_the_checkpoint_has_none(official, diffusers_folder, tiny, tmp_path):
    torch.save({n: t for n, t in official.items() if not n.startswith("cond_stage_model.")}, tmp_path / "lean.ckpt")
    reading = convert(tmp_path / "lean.ckpt", diffusers_folder, tmp_path / "ours")
    assert reading.text == "the base"
    assert "text encoder" not in reading.read
    assert same(tiny.text_encoder, load_pipeline(tmp_path / "ours").text_encoder)


@pytest.mark.slow
def test_a_folder_of_ours_is_a_base_too(checkpoint, tiny_folder, tmp_path):
    convert(checkpoint, tiny_folder, tmp_path / "ours")
    assert load_pipeline(tmp_path / "ours").text_encoder.config.hidden_size == 16


@pytest.mark.slow
def test_stable_diffusion_becomes_the_same_start_from_a_folder_and_from_a_file(diffusers_folder, single_file, tmp_path):
    reading = start(diffusers_folder, tmp_path / "one")
    other = start(single_file, tmp_path / "two", base=diffusers_folder)
    one, two = load_pipeline(tmp_path / "one"), load_pipeline(tmp_path / "two")
    assert all(same(getattr(one, part), getattr(two, part)) for part in ("autoencoder", "unet", "text_encoder"))
    assert one.unet.config.in_channels == 68
    assert reading.read == other.read
    assert (reading.text, other.text) == ("the base", "the checkpoint")
    assert dict(one.scheduler.config) == dict(two.scheduler.config)


def test_a_single_file_needs_a_base_for_its_tokenizer(single_file, tmp_path):
    with pytest.raises(ValueError, match="has no tokenizer: name a base"):
        start(single_file, tmp_path / "start")


@pytest.mark.slow
def test_nothing_is_overwritten(checkpoint, diffusers_folder, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="there is there already; choose another place"):
        convert(checkpoint, diffusers_folder, tmp_path / "there")
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    convert(checkpoint, diffusers_folder, tmp_path / "empty")
    assert (tmp_path / "empty" / "lcad.json").is_file()
    with pytest.raises(FileExistsError, match="there already"):
        export(tmp_path / "empty", checkpoint)


@pytest.mark.slow
def test_what_fails_half_way_leaves_nothing(checkpoint, diffusers_folder, tmp_path):
    def stop(what):
        if what == "writing text_encoder":
            raise ValueError("stopped")

    before = set(tmp_path.iterdir())
    with pytest.raises(ValueError, match="stopped"):
        convert(checkpoint, diffusers_folder, tmp_path / "ours", stop)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.slow
def test_a_base_of_another_size_is_named(official, diffusers_folder, tmp_path, base):
    lean = {n: t for n, t in official.items() if not n.startswith("cond_stage_model.")}
    torch.save(lean, tmp_path / "lean.ckpt")
    text_encoder = type(load_pipeline("mini").text_encoder)
    config = text_encoder.config_class.from_pretrained(base / "text_encoder")
    config.hidden_size = 32
    text_encoder(config).save_pretrained(base / "text_encoder")
    with pytest.raises(ValueError, match="text encoder's width is 32, the denoiser attends to 16"):
        convert(tmp_path / "lean.ckpt", base, tmp_path / "ours")


@pytest.mark.parametrize("gone", ["text_encoder/config.json", "text_encoder/model.safetensors", "tokenizer/vocab.json"])
@pytest.mark.slow
def test_a_base_that_lacks_a_file_is_named(checkpoint, base, tmp_path, gone):
    (base / gone).unlink()
    with pytest.raises(FileNotFoundError, match=f"base lacks .*{gone}"):
        convert(checkpoint, base, tmp_path / "ours")


@pytest.mark.slow
def test_a_base_whose_tokenizer_has_more_words_than_its_text_encoder_is_refused(checkpoint, base, tmp_path):
    shutil.rmtree(base / "tokenizer")
    train_tokenizer(["a quick brown fox jumps over the lazy dog, vexing daft zebras"] * 9, size=400).save_pretrained(base / "tokenizer")
    with pytest.raises(ValueError, match=r"the tokenizer has \d+ tokens, the text encoder 318"):
        convert(checkpoint, base, tmp_path / "ours")


@pytest.mark.slow
def test_another_noise_schedule_is_refused(official, diffusers_folder, tmp_path):
    torch.save(official | {"alphas_cumprod": official["alphas_cumprod"] ** 2}, tmp_path / "other.ckpt")
    with pytest.raises(ValueError, match=r"noise schedule \(alphas_cumprod\) is not the published one"):
        convert(tmp_path / "other.ckpt", diffusers_folder, tmp_path / "ours")


@pytest.mark.slow
def test_a_hub_id_without_network_says_what_to_do(checkpoint, hub, tmp_path):
    with pytest.raises(FileNotFoundError, match="stable-diffusion-v1-5/stable-diffusion-v1-5 is no folder here") as raised:
        convert(checkpoint, "stable-diffusion-v1-5/stable-diffusion-v1-5", tmp_path / "ours")
    said = str(raised.value)
    assert "could not be fetched from the hub" in said
    assert "`hf download stable-diffusion-v1-5/stable-diffusion-v1-5 --local-dir DIR`" in said
    assert "\n" not in said


@pytest.mark.slow
def test_what_was_fetched_once_is_found_without_network(checkpoint, hub, diffusers_folder, tmp_path):
    repository, commit = hub / "models--someone--sd15", "0" * 40
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(diffusers_folder, repository / "snapshots" / commit)
    convert(checkpoint, "someone/sd15", tmp_path / "ours")
    start("someone/sd15", tmp_path / "start")
    assert load_pipeline(tmp_path / "start").unet.config.in_channels == 68


@pytest.mark.parametrize("name", ["no-such-folder", "./no/such", "/no/such/folder", "a/b/c"])
@pytest.mark.slow
def test_what_is_neither_a_folder_nor_an_id_is_said_without_asking_the_hub(checkpoint, tmp_path, name):
    with pytest.raises(FileNotFoundError, match=f"{name} is no folder or the id of a hub repository"):
        convert(checkpoint, name, tmp_path / "ours")


@pytest.mark.slow
def test_a_file_is_no_base(checkpoint, tmp_path):
    with pytest.raises(FileNotFoundError, match="is a file, expected a folder or the id"):
        convert(checkpoint, checkpoint, tmp_path / "ours")


def test_a_checkpoint_that_the_official_code_cannot_hold_is_not_exported(tiny_folder, tmp_path):
    with pytest.raises(ValueError, match="32 groups in each group norm"):
        export(tiny_folder, tmp_path / "tiny.ckpt")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_checkpoint_is_written_over_the_files_that_its_own_weights_are_mapped_from(lcad_components, tmp_path):
    write_checkpoint(tmp_path / "ours", lcad_components, {})
    read = read_components(tmp_path / "ours")
    with torch.no_grad():
        read.unet.conv_out.bias += 1
    write_checkpoint(tmp_path / "ours", read, {})
    again = read_components(tmp_path / "ours")
    assert torch.equal(again.unet.conv_out.bias, lcad_components.unet.conv_out.bias + 1)
    assert same(again.autoencoder, lcad_components.autoencoder)
    assert json.loads((tmp_path / "ours" / "unet" / "config.json").read_text())["in_channels"] == 68
