"""`workbench checkpoints convert` and `add` bring models from elsewhere in, and say in a sentence why they cannot."""

import json

import pytest
import torch

from lcad import load_pipeline
from lcad.conversion import read_weights
from tests.lcad.conversion import models

pytestmark = pytest.mark.model


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


@pytest.fixture(scope="module")
def files(tmp_path_factory, tiny_checkpoint):
    """A folder with an official checkpoint, Stable Diffusion as a folder and as a file."""
    folder, text = tmp_path_factory.mktemp("files"), load_pipeline(tiny_checkpoint)
    torch.save({"state_dict": models.official_weights(models.lcad_with(text))}, folder / "lcad.ckpt")
    pipeline = models.stable_diffusion_with(text)
    models.write_diffusers_folder(pipeline, folder / "sd15"), models.write_single_file(pipeline, folder / "sd15.safetensors")
    return folder


@pytest.mark.slow
def test_an_official_checkpoint_is_converted_entered_and_written_back(workbench, home, files, tmp_path):
    answer = workbench("checkpoints", "convert", files / "lcad.ckpt", "--base", files / "sd15", "--out", tmp_path / "ours", "--json")
    assert answer.status == 0
    conversion = answer.json
    assert conversion["out"] == str(tmp_path / "ours")
    assert sum(conversion["read"].values()) + sum(conversion["unused"].values()) == len(read_weights(files / "lcad.ckpt"))
    assert conversion["text_encoder_of"] == "the checkpoint"
    assert f"reading {files / 'lcad.ckpt'}\n" in answer.messages
    assert "writing unet\n" in answer.messages
    added = workbench("checkpoints", "add", tmp_path / "ours", "--name", "published", "--json", *home).json
    assert (added["location"], added["facts"]) == (str(tmp_path / "ours"), {})
    back = workbench("checkpoints", "convert", tmp_path / "ours", "--out", tmp_path / "back.ckpt", "--json").json
    assert back == {"out": str(tmp_path / "back.ckpt"), "written": conversion["read"]}
    name = "model.diffusion_model.out.2.weight"
    assert torch.equal(read_weights(tmp_path / "back.ckpt")[name], read_weights(files / "lcad.ckpt")[name])


@pytest.mark.slow
def test_a_conversion_says_in_words_what_was_read_and_what_nothing_uses(workbench, files, tmp_path):
    said = workbench("checkpoints", "convert", files / "lcad.ckpt", "--base", files / "sd15", "--out", tmp_path / "ours").output
    assert "tensors of the luminance encoder" in said
    assert "13 tensors of the noise schedule" in said
    assert "The text encoder's weights are those of the checkpoint." in said


@pytest.mark.parametrize("source", ["folder", "file"])
@pytest.mark.slow
def test_stable_diffusion_is_entered_as_a_start_for_training(workbench, home, store, source, files):
    path, options = (files / "sd15", ()) if source == "folder" else (files / "sd15.safetensors", ("--base", files / "sd15"))
    answer = workbench("checkpoints", "add", path, "--name", "start", *options, "--json", *home)
    assert answer.status == 0, answer.messages
    row = answer.json
    assert row["location"] == str(store.settings.checkpoints / "start")
    assert row["facts"]["started_from"] == str(path)
    assert row["facts"]["read"]["denoiser"] > 100
    assert "retrain it with --stage luminance first" in answer.messages
    assert load_pipeline(row["location"]).unet.config.in_channels == 68
    again = workbench("checkpoints", "add", path, "--name", "start", *options, *home)
    assert again.status == 1
    assert 'The name "start" belongs to other weights' in again.messages


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["{tmp}/none.ckpt", "--base", "{base}"], "none.ckpt is not there: expected an official checkpoint's file"),
        (["{tmp}", "--base", "{base}"], "is a folder without lcad.json"),
        (["{ckpt}"], "has no tokenizer: name a Stable Diffusion 1.5 folder or hub id with --base."),
        (["{ckpt}", "--base", "{tmp}/nothing"], "nothing is no folder or the id of a hub repository."),
        (["{tmp}/text.ckpt", "--base", "{base}"], "cannot be converted: "),
        (["{sd}", "--base", "{base}"], "these are weights of Stable Diffusion, not of L-CAD"),
    ],
)
@pytest.mark.slow
def test_what_cannot_be_converted_has_status_1_and_a_reason(workbench, files, tmp_path, arguments, says):
    (tmp_path / "text.ckpt").write_text("no checkpoint")
    places = {"tmp": tmp_path, "base": files / "sd15", "ckpt": files / "lcad.ckpt", "sd": files / "sd15.safetensors"}
    answer = workbench("checkpoints", "convert", *(word.format(**places) for word in arguments), "--out", tmp_path / "ours")
    assert answer.status == 1
    assert says in answer.messages
    assert "Traceback" not in answer.messages
    assert not (tmp_path / "ours").exists()


def test_a_place_that_is_taken_is_refused(workbench, files, tmp_path):
    answer = workbench("checkpoints", "convert", files / "lcad.ckpt", "--base", files / "sd15", "--out", files / "lcad.ckpt")
    assert answer.status == 1
    assert "is there already; choose another place" in answer.messages


@pytest.mark.slow
def test_what_cannot_be_a_start_has_status_1_and_a_reason(workbench, home, files, tmp_path):
    refused = workbench("checkpoints", "add", files / "lcad.ckpt", "--base", files / "sd15", "--name", "x", *home)
    assert refused.status == 1
    assert "weights of L-CAD already: convert them instead" in refused.messages
    odd = workbench("checkpoints", "add", files / "sd15", "--name", "a/b", *home)
    assert odd.status == 1
    assert '"a/b" cannot be the name of a folder' in odd.messages
    empty = workbench("checkpoints", "add", tmp_path, "--name", "y", *home)
    assert empty.status == 1
    assert "lacks unet/config.json" in empty.messages
    assert json.loads(workbench("checkpoints", "list", "--json", *home).output) != []
    assert workbench("checkpoints", "convert", files / "lcad.ckpt").status == 2


@pytest.mark.slow
def test_checkpoints_are_added_listed_and_promoted(workbench, home, tiny_checkpoint, tmp_path):
    added = workbench("checkpoints", "add", tiny_checkpoint, "--name", "tiny", "--note", "random", "--json", *home).json
    assert (added["name"], added["location"]) == ("tiny", str(tiny_checkpoint))
    promoted = workbench("checkpoints", "promote", "tiny", "--json", *home).json
    assert promoted["promoted_at"]
    listed = workbench("checkpoints", "list", "--json", *home).json
    assert [row["name"] for row in listed if row["default"]] == ["tiny"]
    assert "tiny" in workbench("checkpoints", "list", *home).output
    assert workbench("checkpoints", "add", tmp_path, "--name", "none", *home).status == 1
    assert workbench("checkpoints", "promote", "nothing", *home).status == 1
