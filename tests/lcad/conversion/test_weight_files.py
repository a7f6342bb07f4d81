"""Files of weights are read without running what is in them; every other file is refused with the reason."""

import os
import pickle
import sys
from types import ModuleType

import pytest
import torch
from safetensors.torch import save_file

from lcad.conversion import read_weights

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}


class RunsCode:
    """Unpickling this would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("old_format", [False, True], ids=["zip", "before PyTorch 1.6"])
@pytest.mark.parametrize("wrapped", [False, True], ids=["bare", "with a trainer's state"])
def test_pickled_weights_are_read(tmp_path, old_format, wrapped):
    content = {"state_dict": WEIGHTS, "epoch": 3, "optimizer_states": [{"step": torch.ones(1)}]} if wrapped else WEIGHTS
    torch.save(content, tmp_path / "weights.ckpt", _use_new_zipfile_serialization=not old_format)
    read = read_weights(tmp_path / "weights.ckpt")
    assert read.keys() == WEIGHTS.keys()
    assert all(torch.equal(read[name], tensor) for name, tensor in WEIGHTS.items())


def test_safetensors_are_read(tmp_path):
    save_file(WEIGHTS, tmp_path / "weights.safetensors")
    assert torch.equal(read_weights(tmp_path / "weights.safetensors")["a.weight"], WEIGHTS["a.weight"])


def test_a_trainers_class_beside_the_weights_is_passed_over(tmp_path, monkeypatch):
    """Checkpoints of older trainers name the class of their callback, as Stable Diffusion 1.4 does; it is not needed to read them."""
    names = ("pytorch_lightning", "pytorch_lightning.callbacks", "pytorch_lightning.callbacks.model_checkpoint")
    callback = type("ModelCheckpoint", (), {"__module__": names[-1]})
    with monkeypatch.context() as patch:
        for name in names:
            patch.setitem(sys.modules, name, ModuleType(name))
        sys.modules[names[-1]].ModelCheckpoint = callback
        torch.save({"state_dict": WEIGHTS, "callbacks": {callback: {"best": 1.0}}}, tmp_path / "old.ckpt")
    assert names[-1] not in sys.modules
    assert read_weights(tmp_path / "old.ckpt").keys() == WEIGHTS.keys()


@pytest.mark.parametrize("writer", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content))], ids=["torch", "pickle"])
def test_code_in_a_file_is_refused_and_not_run(tmp_path, writer):
    writer({"state_dict": WEIGHTS, "hook": RunsCode(tmp_path / "ran")}, tmp_path / "evil.ckpt")
    with pytest.raises(ValueError, match=r"evil\.ckpt is (refused|damaged)"):
        read_weights(tmp_path / "evil.ckpt")
    assert not (tmp_path / "ran").exists()


def test_what_would_run_is_named_without_the_advice_to_run_it(tmp_path):
    torch.save({"state_dict": WEIGHTS, "hook": RunsCode(tmp_path / "ran")}, tmp_path / "evil.ckpt")
    with pytest.raises(ValueError, match=r"it holds posix\.mkdir beside tensors, and reading that would run code") as raised:
        read_weights(tmp_path / "evil.ckpt")
    assert "weights_only" not in str(raised.value)


@pytest.mark.parametrize("name", ["weights.ckpt", "weights.safetensors"])
@pytest.mark.parametrize("kept", [0, 4, 40, 0.5, 0.99], ids=["empty", "four bytes", "forty bytes", "half", "all but the end"])
def test_a_file_that_is_cut_short_is_named(tmp_path, name, kept):
    path = tmp_path / name
    torch.save(WEIGHTS, path) if name.endswith("ckpt") else save_file(WEIGHTS, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept if kept >= 1 else kept * len(content))])
    with pytest.raises(ValueError, match=rf"{name} is damaged, cut short"):
        read_weights(path)


@pytest.mark.parametrize(
    "content",
    [b"hello, world", b"<!DOCTYPE html><html></html>", pickle.dumps([1, 2, 3]), pickle.dumps({"a": 1}, protocol=2), bytes(range(256)) * 20],
    ids=["text", "a web page", "a pickled list", "a pickled dict", "noise"],
)
def test_a_file_of_something_else_is_named(tmp_path, content):
    (tmp_path / "odd.ckpt").write_bytes(content)
    with pytest.raises(ValueError, match=r"odd\.ckpt (is damaged, cut short|holds no weights)"):
        read_weights(tmp_path / "odd.ckpt")


@pytest.mark.parametrize("content", [[torch.ones(1)], {}, {"state_dict": {"epoch": 3}}, torch.ones(2)])
def test_a_file_without_tensors_by_name_is_named(tmp_path, content):
    torch.save(content, tmp_path / "odd.ckpt")
    with pytest.raises(ValueError, match=r"odd\.ckpt holds no weights: expected tensors by name"):
        read_weights(tmp_path / "odd.ckpt")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*lcad\.ckpt"):
        read_weights(tmp_path / "lcad.ckpt")
    with pytest.raises(FileNotFoundError, match="is a folder, expected a file of weights"):
        read_weights(tmp_path)
