"""Checkpoints from elsewhere and to elsewhere: what `workbench checkpoints` needs the model's code for."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from workbench.errors import ConflictError, InvalidInputError, MissingPartError

if find_spec("torch") is None:
    raise MissingPartError("Converting checkpoints needs the model extra: pip install 'lcad-workbench[model]'.")

from lcad import conversion
from lcad.checkpoints import SETTINGS

Progress = Callable[[str], object]


def convert(source: Path, base: str | None, out: Path, progress: Progress) -> dict[str, Any]:
    """An official checkpoint to a folder, or a folder to an official checkpoint; what was read, as JSON.

    Raises InvalidInputError with the reason where that is not possible, ConflictError where something is at `out`.
    """
    if (source / SETTINGS).is_file():
        return {"out": str(out), "written": _carried_out(source, lambda: conversion.export(source, out, progress))}
    if not source.is_file():
        what = f"is a folder without {SETTINGS}" if source.is_dir() else "is not there"
        raise InvalidInputError(f"{source} {what}: expected an official checkpoint's file, or a checkpoint's folder for the way back.")
    if base is None:
        raise InvalidInputError(f"{source} has no tokenizer: name a Stable Diffusion 1.5 folder or hub id with --base.")
    return {"out": str(out)} | _facts(_carried_out(source, lambda: conversion.convert(source, base, out, progress)))


def start(source: str, base: str | None, out: Path, progress: Progress) -> dict[str, Any]:
    """Stable Diffusion 1.5 (a folder, a file or a hub id) to a start for training; errors as in `convert`."""
    return _facts(_carried_out(source, lambda: conversion.start(source, out, base, progress)))


def _facts(reading: conversion.ConversionReport) -> dict[str, Any]:
    return {"read": reading.read, "unused": reading.unused, "text_encoder_of": reading.text}


def _carried_out(source: str | Path, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except FileExistsError as error:
        raise ConflictError(f"{error}.") from None
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"{source} cannot be converted: {error}.") from None
