"""Where parts come from that a checkpoint does not carry: folders in diffusers' layout, and repositories of the hub."""

import re
from collections.abc import Sequence
from pathlib import Path

from huggingface_hub import snapshot_download
from transformers import CLIPTextModel, PreTrainedTokenizerBase

from lcad.checkpoints import read_text_encoder, read_tokenizer

TEXT_FILES = (
    "text_encoder/config.json", "text_encoder/model.safetensors", "tokenizer/tokenizer_config.json", "tokenizer/tokenizer.json",
    "tokenizer/vocab.json", "tokenizer/merges.txt", "tokenizer/special_tokens_map.json",
)  # fmt: skip
HUB_ID = r"[\w-][\w.-]*/[\w.-]+"


def folder_of_base(source: str | Path, files: Sequence[str]) -> Path:
    """The folder of a path, or a copy of what a hub repository has of `files` (once fetched, it is found without network).

    Raises FileNotFoundError saying what to do where it can be had from neither.
    """
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists() or not re.fullmatch(HUB_ID, str(source)):
        what = "is a file, expected a folder" if folder.exists() else "is no folder"
        raise FileNotFoundError(f"{source} {what} or the id of a hub repository")
    try:
        return Path(snapshot_download(str(source), allow_patterns=list(files)))
    except Exception as error:  # the hub's client lets errors of its HTTP library through, and which one that is differs by version
        raise FileNotFoundError(
            f"{source} is no folder here, and could not be fetched from the hub ({_first_line(error)}). Without network: download it "
            f"on another machine with `hf download {source} --local-dir DIR`, copy DIR here, and give the folder's path instead"
        ) from error


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'no reason given'}"


def require(folder: Path, *choices: Sequence[str]) -> None:
    """Raise FileNotFoundError naming what a folder lacks; of each sequence of names one has to be there."""
    lacking = [" or ".join(names) for names in choices if not any((folder / name).is_file() for name in names)]
    if lacking:
        raise FileNotFoundError(f"{folder} lacks {', '.join(lacking)}: expected diffusers' layout, as Stable Diffusion 1.5 has it")


def text_parts(base: str | Path) -> tuple[CLIPTextModel, PreTrainedTokenizerBase]:
    """The text encoder, float32, and the tokenizer of a folder or hub repository; errors as in `folder_of_base`, and ValueError
    for damaged files."""
    folder = folder_of_base(base, TEXT_FILES)
    weights = ("text_encoder/model.safetensors", "text_encoder/pytorch_model.bin")
    require(folder, TEXT_FILES[:1], weights, ("tokenizer/tokenizer.json", "tokenizer/vocab.json"))
    return read_text_encoder(folder / "text_encoder"), read_tokenizer(folder / "tokenizer")
