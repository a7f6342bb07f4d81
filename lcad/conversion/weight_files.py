"""Files of weights, read so that no code in them runs."""

import pickle
import re
import warnings
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

STALE = "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint"


class _Stale:
    """Stands for a class of the training library that older checkpoints name beside their weights (as the key of its state)."""


def read_weights(path: str | Path) -> dict[str, torch.Tensor]:
    """The tensors of a file by name: safetensors, or a pickled checkpoint (.ckpt, .pth, .bin), mapped instead of read where possible.

    Pickles are read with `weights_only=True`: a file that holds anything but tensors and plain values is refused. Raises
    FileNotFoundError without the file, ValueError saying what is wrong with it.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path} is a folder, expected a file of weights" if path.is_dir() else f"there is no file {path}")
    content = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    weights = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not weights or not all(isinstance(tensor, torch.Tensor) for tensor in weights.values()):
        raise ValueError(f"{path} holds no weights: expected tensors by name, or a state_dict of them")
    return weights


def _safetensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged, cut short or no safetensors file: {error}") from error


def _pickled(path: Path) -> object:
    mapped = zipfile.is_zipfile(path)  # files from before PyTorch 1.6 are none and have to be read whole
    try:
        with torch.serialization.safe_globals([(_Stale, STALE)]), warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except pickle.UnpicklingError as error:
        refused = re.search(r"GLOBAL (\S+)", str(error))
        if refused is not None:
            raise ValueError(f"{path} is refused: it holds {refused[1]} beside tensors, and reading that would run code") from error
        raise ValueError(f"{path} is damaged, cut short or no checkpoint of PyTorch") from error
    except (OSError, RuntimeError, EOFError, LookupError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} is damaged, cut short or no checkpoint of PyTorch ({type(error).__name__}: {reason})") from error
