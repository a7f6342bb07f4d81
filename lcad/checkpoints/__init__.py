"""Checkpoints on disk: a folder with one subfolder a component, weights as safetensors, and the pipeline's settings.

    NAME/
      lcad.json                                            the settings (`lcad.settings.PipelineSettings`)
      autoencoder/   config.json, diffusion_pytorch_model.safetensors     the luminance encoder is in it
      unet/          config.json, diffusion_pytorch_model.safetensors
      text_encoder/  config.json, model.safetensors
      tokenizer/     tokenizer.json, tokenizer_config.json
      scheduler/     scheduler_config.json                 noise schedule and prediction type
      README.md                                            the model card

Weights may be float16 on disk; they are read as float32.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

import torch
from diffusers import DPMSolverMultistepScheduler, ModelMixin, SchedulerMixin, UNet2DConditionModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging as transformers_logging

from lcad.models import LuminanceAutoencoder

EMBEDDED = Path(__file__).parent
SETTINGS = "lcad.json"
REQUIRED = {
    "autoencoder": ("config.json", "*.safetensors"),
    "unet": ("config.json", "*.safetensors"),
    "text_encoder": ("config.json", "*.safetensors"),
    "tokenizer": ("tokenizer.json", "tokenizer_config.json"),
    "scheduler": ("scheduler_config.json",),
}


@dataclass(frozen=True)
class Components:
    """The parts of an L-CAD. Raises ValueError when their sizes do not fit each other."""

    autoencoder: LuminanceAutoencoder
    unet: UNet2DConditionModel
    text_encoder: CLIPTextModel
    tokenizer: PreTrainedTokenizerBase
    scheduler: SchedulerMixin

    def __post_init__(self):
        latents, luminance = self.autoencoder.config.latent_channels, self.autoencoder.luminance_channels
        if self.unet.config.in_channels != latents + luminance:
            raise ValueError(
                f"the denoiser takes {self.unet.config.in_channels} channels; this autoencoder gives {latents} latent and "
                f"{luminance} luminance channels: widen the denoiser or use the autoencoder it was trained with"
            )
        width, expected = self.text_encoder.config.hidden_size, self.unet.config.cross_attention_dim
        if width != expected:
            raise ValueError(f"the text encoder's width is {width}, the denoiser attends to {expected}")
        if len(self.tokenizer) > self.text_encoder.config.vocab_size:
            raise ValueError(f"the tokenizer has {len(self.tokenizer)} tokens, the text encoder {self.text_encoder.config.vocab_size}")


def embedded_names() -> list[str]:
    """The names of the checkpoints that the package carries."""
    return sorted(path.parent.name for path in EMBEDDED.glob(f"*/{SETTINGS}"))


def folder_of(name_or_path: str | Path) -> Path:
    """The folder of an embedded checkpoint or of a path. Raises FileNotFoundError that says what there is, or what is missing."""
    path = Path(name_or_path)
    folder = path if path.is_dir() and str(path) not in embedded_names() else EMBEDDED / path
    if not folder.is_dir() or folder == EMBEDDED:
        known = ", ".join(embedded_names()) or "none"
        raise FileNotFoundError(f"there is no checkpoint “{name_or_path}”: neither a folder nor an embedded one ({known})")
    missing = missing_parts(folder)
    if missing:
        raise FileNotFoundError(f"the checkpoint in {folder} is incomplete, it lacks {', '.join(missing)}")
    return folder


def missing_parts(folder: Path) -> list[str]:
    """What a checkpoint folder lacks, as paths or patterns inside it."""
    required = [SETTINGS, *(f"{part}/{name}" for part, names in REQUIRED.items() for name in names)]
    return [pattern for pattern in required if not any(folder.glob(pattern))]


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing progress bars for files that are read or written in a moment."""
    shown = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Say which part of a checkpoint could not be read, whatever the reader's own error was."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError, ValueError, TypeError, KeyError) as error:
        what = "its files are damaged or of another model (fetch or convert the checkpoint again)"
        raise ValueError(f"{folder} cannot be read, {what}: {error}") from error


def _refuse_no_numbers(model: torch.nn.Module) -> None:
    """ValueError that names the weights of a model which are NaN or infinite; with them every picture would be black."""
    wrong = [name for name, weights in model.state_dict().items() if not torch.isfinite(weights).all()]
    if wrong:
        others = f" and {len(wrong) - 1} others" if len(wrong) > 1 else ""
        raise ValueError(f"its weights {wrong[0]}{others} are not finite numbers")


def _read_model(kind: type[ModelMixin], folder: Path) -> ModelMixin:
    """A diffusers model with every weight of it read from the folder's safetensors, finite, and nothing left over.

    Made without weights first: drawing random ones for a billion parameters takes a minute and their memory.
    """
    with _named(folder):
        with torch.device("meta"):
            model = kind.from_config(kind.load_config(folder))
        weights = {name: w.float() for file in sorted(folder.glob("*.safetensors")) for name, w in load_file(file).items()}
        model.load_state_dict(weights, assign=True)
        _refuse_no_numbers(model)
    return model.eval()


def read_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of a folder; ValueError naming it when its files are damaged."""
    with _named(folder):
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def read_text_encoder(folder: Path) -> CLIPTextModel:
    """The text encoder of a folder, float32, with transformers' own reader, which knows the older names of its tensors.

    Raises ValueError naming the folder when its files are damaged, lack weights or have some that are no numbers.
    """
    with _named(folder), _without_progress_bars():
        model, report = CLIPTextModel.from_pretrained(folder, dtype=torch.float32, output_loading_info=True, local_files_only=True)
        wrong = {kind: sorted(map(str, names)) for kind, names in report.items() if names and kind != "unexpected_keys"}
        if wrong:
            raise ValueError(f"its weights do not fit its config: {wrong}")
        _refuse_no_numbers(model)
    return model.eval()


def read_components(folder: str | Path) -> Components:
    """The components of a checkpoint folder, float32 on the CPU, in eval mode.

    Raises FileNotFoundError naming what is missing, ValueError naming the part that is damaged or does not fit.
    """
    folder = folder_of(folder)
    with _named(folder / "scheduler"):
        scheduler = DPMSolverMultistepScheduler.from_pretrained(folder / "scheduler")
    return Components(
        _read_model(LuminanceAutoencoder, folder / "autoencoder"),
        _read_model(UNet2DConditionModel, folder / "unet"),
        read_text_encoder(folder / "text_encoder"),
        read_tokenizer(folder / "tokenizer"),
        scheduler,
    )


def read_settings(folder: str | Path) -> dict:
    """The settings of a checkpoint folder, as they stand in its JSON."""
    path = folder_of(folder) / SETTINGS
    with _named(path):
        return json.loads(path.read_text(encoding="utf-8"))


def write_checkpoint(
    folder: str | Path,
    components: Components,
    settings: dict,
    dtype: torch.dtype | None = None,
    progress: Callable[[str], object] = lambda part: None,
) -> None:
    """Write a checkpoint folder; `dtype` is that of the weights on disk (None: as they are).

    `progress` is called with the name of each part before it is written. A part that is there already is replaced, never
    written into: its file may be mapped as the very weights that are being written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (field.name for field in fields(components)):
        progress(name)
        part: Any = getattr(components, name)
        fresh = folder / f".{name}.part"
        if dtype is not None and isinstance(part, torch.nn.Module):
            part = cast(Any, _cast(part, dtype))
        shutil.rmtree(fresh, ignore_errors=True)
        with _without_progress_bars():
            part.save_pretrained(fresh)
        _forget_place(fresh / "config.json")
        shutil.rmtree(folder / name, ignore_errors=True)
        fresh.rename(folder / name)
    (folder / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _cast(model: torch.nn.Module, dtype: torch.dtype) -> torch.nn.Module:
    """A copy of a model with its weights in another type, never holding a second copy of the original's."""
    tensors = (tensor for tensor in (*model.parameters(), *model.buffers()) if tensor.is_floating_point())
    cast = {tensor: tensor.detach().to(dtype) for tensor in tensors}
    known = {id(t): torch.nn.Parameter(c, t.requires_grad) if isinstance(t, torch.nn.Parameter) else c for t, c in cast.items()}
    return deepcopy(model, known)


def _forget_place(config: Path) -> None:
    """Take out of a written config where its weights were once read from: a path of one machine."""
    if config.is_file():
        facts = json.loads(config.read_text(encoding="utf-8"))
        if facts.pop("_name_or_path", None) is not None:
            config.write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
