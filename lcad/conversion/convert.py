"""From files to checkpoint folders and back: what `workbench checkpoints` calls."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch

from lcad.checkpoints import Components, read_components, write_checkpoint
from lcad.conversion.base_models import folder_of_base, text_parts
from lcad.conversion.official import components_from_official, load_text, official_state_dict, schedule_buffers
from lcad.conversion.official_tensor_names import part_of, unused_kind
from lcad.conversion.stable_diffusion import FILES, parts_of_checkpoint, parts_of_folder, widened
from lcad.conversion.state_dict_check import counted
from lcad.conversion.weight_files import read_weights
from lcad.sampler import default_scheduler
from lcad.settings import PipelineSettings

SETTINGS = PipelineSettings(native_size=256)  # the size of the published training

Progress = Callable[[str], object]  # what begins now: "reading NAME", "writing unet" …


@dataclass(frozen=True)
class ConversionReport:
    """How many tensors were read of each part, how many of each kind nothing uses, and where the text encoder's weights are from."""

    read: dict[str, int]
    unused: dict[str, int] = field(default_factory=dict)
    text: str = "the base"


def convert(checkpoint: str | Path, base: str | Path, out: str | Path, progress: Progress = lambda _: None) -> ConversionReport:
    """Write an official checkpoint as a folder; tokenizer and text encoder are of `base`, a folder or hub id.

    The text encoder's weights are the checkpoint's own where it carries them. The file is mapped and its float32 tensors are
    written from where they lie: at the published size, 8.5 GB, that takes half a gigabyte of memory beyond the libraries'. Raises
    FileNotFoundError and ValueError saying what is missing, damaged or of the wrong size, FileExistsError for a taken `out`.
    """
    with _fresh(out) as fresh:
        progress(f"reading {checkpoint}")
        weights = read_weights(checkpoint)
        autoencoder, unet = components_from_official(weights)
        scheduler = default_scheduler("epsilon")
        _refuse_schedule(weights, schedule_buffers(scheduler)["alphas_cumprod"])
        progress(f"reading {base}")
        text_encoder, tokenizer = text_parts(base)
        own = load_text(text_encoder, weights)
        _write(fresh, Components(autoencoder, unet, text_encoder, tokenizer, scheduler), progress)
    return _reading(weights, own)


def start(source: str | Path, out: str | Path, base: str | Path | None = None, progress: Progress = lambda _: None) -> ConversionReport:
    """Write Stable Diffusion 1.5 as a start for training (see `lcad.conversion.stable_diffusion`).

    `source` is a folder in diffusers' layout, a hub id, or a single-file checkpoint; `base` has the tokenizer and text encoder
    of a single file, else they are the source's own. Errors as in `convert`.
    """
    with _fresh(out) as fresh:
        progress(f"reading {source}")
        weights: Mapping[str, torch.Tensor] = {}
        if Path(source).expanduser().is_file():
            weights = read_weights(Path(source).expanduser())
            parts, place = parts_of_checkpoint(weights), base
        else:
            folder = folder_of_base(source, FILES)
            parts, place = parts_of_folder(folder), base or folder
        if place is None:
            raise ValueError(f"{source} has no tokenizer: name a base, a Stable Diffusion folder or hub id that has one")
        text_encoder, tokenizer = text_parts(place)
        own = load_text(text_encoder, weights)
        autoencoder, unet = widened(parts)
        _write(fresh, Components(autoencoder, unet, text_encoder, tokenizer, parts.scheduler), progress)
    if weights:
        return _reading(weights, own)
    return ConversionReport(
        {"denoiser": len(parts.unet), "autoencoder": len(parts.autoencoder), "text encoder": len(text_encoder.state_dict())}
    )


def export(folder: str | Path, file: str | Path, progress: Progress = lambda _: None) -> dict[str, int]:
    """Write a checkpoint folder, or an embedded one, as a checkpoint that the official code reads; returns tensors by part.

    Raises FileNotFoundError and ValueError as `read_components`, and ValueError for what the official code cannot hold.
    """
    with _fresh(file) as fresh:
        progress(f"reading {folder}")
        weights = official_state_dict(read_components(folder))
        progress(f"writing {file}")
        fresh.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"state_dict": weights}, fresh)
    return counted(part_of(name) for name in weights if not unused_kind(name))


def _write(folder: Path, components: Components, progress: Progress) -> None:
    write_checkpoint(folder, components, SETTINGS.to_json(), progress=lambda part: progress(f"writing {part}"))


def _reading(weights: Mapping[str, torch.Tensor], own_text: bool) -> ConversionReport:
    """What was read of a state dict; the text encoder counts where it carries one."""
    kinds = {name: unused_kind(name) for name in weights}
    read = counted(part_of(name) for name, kind in kinds.items() if kind is None)
    return ConversionReport(read, counted(kind for kind in kinds.values() if kind), "the checkpoint" if own_text else "the base")


def _refuse_schedule(weights: Mapping[str, torch.Tensor], published: torch.Tensor) -> None:
    """Raise ValueError where a checkpoint says that it was trained with another noise schedule than the published one."""
    schedule = weights.get("alphas_cumprod")
    if schedule is not None and (schedule.shape != published.shape or not torch.allclose(schedule.float(), published, atol=1e-4)):
        raise ValueError("the checkpoint's noise schedule (alphas_cumprod) is not the published one, scaled-linear 0.00085–0.012")


@contextmanager
def _fresh(place: str | Path) -> Iterator[Path]:
    """A path beside `place` to write to, which becomes `place` when all went well and is removed when not.

    Raises FileExistsError where something is there already.
    """
    place = Path(place)
    if place.is_file() or (place.is_dir() and any(place.iterdir())):
        raise FileExistsError(f"{place} is there already; choose another place, nothing is overwritten")
    part = place.with_name(f".{place.name}.part")
    _remove(part)
    try:
        yield part
        if place.is_dir():
            place.rmdir()
        part.rename(place)
    finally:
        _remove(part)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
