"""Packs: many examples in a few memory-mapped arrays, and their latents and luminance features, encoded once.

rgb.npy       (N, S, S, 3) uint8
coverage.npy  (N, P, S/4, S/4) uint8, the part of each cell that mask p covers, 255 is all of it
captions.jsonl  line i: [{"text", "level", "phrases": [[start, end, mask], …], "weight" where it is not 1}, …]
latents.npy   (N, l, h, w) float16, multiplied by the scaling factor     written by `encode`
features.npy  (N, C, h, w) float16, what the denoiser takes of the lightness    written by `encode`
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from lcad.dataset import Description, Example, Grounded
from lcad.imaging import lightness_of
from lcad.models import LuminanceAutoencoder

MOST_MASKS = 6  # an example's masks beyond these are dropped, with the phrases that name them
CELL = 4  # pixels a side of a coverage cell


@dataclass(frozen=True)
class Drawn:
    """An example as a denoiser sees it: latents (l, h, w) float32 times the scaling factor, luminance feature (C, h, w) float32,
    coverage (P, H, W) uint8, and one description."""

    latents: np.ndarray
    feature: np.ndarray
    coverage: np.ndarray
    description: Description


def _coverage(masks: np.ndarray) -> np.ndarray:
    """Area averages (MOST_MASKS, S/4, S/4) uint8 of masks (N, S, S) bool; rows beyond the masks are zero."""
    count, side = min(len(masks), MOST_MASKS), masks.shape[-1] // CELL
    cells = np.zeros((MOST_MASKS, side, side), np.uint8)
    cells[:count] = (masks[:count].reshape(count, side, CELL, side, CELL).mean((2, 4)) * 255).round()
    return cells


def write_pack(folder: str | Path, examples: Iterable[Example], count: int, size: int) -> "Pack":
    """Write `count` examples of `size` pixels a side; the captions come last, so a pack without them is unfinished.

    Raises ValueError when an example has another size, a caption is missing, or fewer than `count` examples come.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rgb = np.lib.format.open_memmap(folder / "rgb.npy", "w+", np.uint8, (count, size, size, 3))
    coverage = np.lib.format.open_memmap(folder / "coverage.npy", "w+", np.uint8, (count, MOST_MASKS, size // CELL, size // CELL))
    lines = []
    for i, example in zip(range(count), examples, strict=False):
        if example.rgb.shape != (size, size, 3) or not example.descriptions:
            raise ValueError(f"example {i}: expected ({size}, {size}, 3) and a caption, got {example.rgb.shape}, {example.descriptions}")
        rgb[i], coverage[i] = example.rgb, _coverage(example.masks)
        lines.append(
            json.dumps(
                [
                    {"text": d.text, "level": d.level, "phrases": [[p.start, p.end, p.mask] for p in d.phrases if p.mask < MOST_MASKS]}
                    | ({} if d.weight == 1 else {"weight": d.weight})
                    for d in example.descriptions
                ]
            )
        )
    if len(lines) < count:
        raise ValueError(f"{count} examples were announced, {len(lines)} came")
    rgb.flush(), coverage.flush()
    (folder / "captions.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return Pack(folder)


class Pack:
    """A written pack; its first `encoded` examples have `latents` and `features`, which are None until `encode` has run.

    Raises ValueError when the folder holds no finished pack.
    """

    stored = ("latents", "features")  # what `encode` writes; a pack that draws its latents has none

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        captions = self.folder / "captions.jsonl"
        if not captions.is_file():
            raise ValueError(f"{self.folder} is no finished pack: captions.jsonl is missing")
        self.rgb = np.load(self.folder / "rgb.npy", mmap_mode="r")
        self.coverage = np.load(self.folder / "coverage.npy", mmap_mode="r")
        self.descriptions = [_descriptions(line) for line in captions.read_text(encoding="utf-8").splitlines()]
        note = self.folder / "encoded.json"
        facts: dict[str, Any] = json.loads(note.read_text()) if note.is_file() else {"count": 0, "scaling_factor": None}
        self.encoded: int = facts["count"]
        self.scaling_factor: Any = facts["scaling_factor"]
        self.latents: Any
        self.features: Any
        self.latents, self.features = (
            np.load(self.folder / f"{name}.npy", mmap_mode="r+") if self.encoded and name in self.stored else None
            for name in ("latents", "features")
        )

    def __len__(self) -> int:
        return len(self.descriptions)

    @property
    def weights(self) -> np.ndarray:
        """How much each example is to be trusted, (N,): the mean of its descriptions' weights."""
        return np.array([np.mean([one.weight for one in several] or [1.0]) for several in self.descriptions])

    def figure(self, item: int) -> np.ndarray | None:
        """How much of each cell is an object and not its ground, (S/4, S/4) float32 in [0, 1]; None where that is not known."""
        return None

    def draw(self, item: int, rng: np.random.Generator) -> Drawn:
        """An encoded example under one of its descriptions."""
        options = self.descriptions[item]
        return self.drawn(item, options[int(rng.integers(len(options)))])

    def drawn(self, item: int, description: Description) -> Drawn:
        """An encoded example under a description."""
        latents, feature = (np.array(array[item], np.float32) for array in (self.latents, self.features))
        return Drawn(latents, feature, np.array(self.coverage[item]), description)


def _descriptions(line: str) -> tuple[Description, ...]:
    return tuple(
        Description(d["text"], d["level"], tuple(Grounded(*p) for p in d["phrases"]), d.get("weight", 1.0)) for d in json.loads(line)
    )


def rgb_tensor(rgb: np.ndarray) -> torch.Tensor:
    """(B, 3, H, W) float in [0, 1] of images (B, H, W, 3) uint8."""
    return torch.from_numpy(np.array(rgb)).permute(0, 3, 1, 2).float() / 255


@torch.no_grad()
def encode(pack: Pack, autoencoder: LuminanceAutoencoder, upto: int | None = None, batch_size: int = 32) -> Pack:
    """Write the latents (the mode, scaled) and last luminance features of a pack's first `upto` examples (all by default).

    What is encoded already stays; raises ValueError when it was encoded with another scaling factor.
    """
    upto, scale = min(len(pack), len(pack) if upto is None else upto), autoencoder.config.scaling_factor
    if pack.encoded and pack.scaling_factor != scale:
        raise ValueError(f"{pack.folder} is encoded with the scaling factor {pack.scaling_factor}, not {scale}: remove its encoded.json")
    device = next(autoencoder.parameters()).device
    arrays: dict[str, Any] = {name: getattr(pack, name) for name in pack.stored} if pack.encoded else {}
    kinds = {
        "latents": lambda rgb: autoencoder.encode(rgb * 2 - 1).latent_dist.mode() * scale,
        "features": lambda rgb: autoencoder.see(lightness_of(rgb)).luminance,
    }
    for start in range(pack.encoded, upto, batch_size):
        end = min(start + batch_size, upto)
        rgb = rgb_tensor(pack.rgb[start:end]).to(device)
        for name in pack.stored:
            values = kinds[name](rgb)
            if name not in arrays:
                shape = (len(pack), *values.shape[1:])
                arrays[name] = np.lib.format.open_memmap(pack.folder / f"{name}.npy", "w+", np.float16, shape)
            arrays[name][start:end] = values.float().cpu().numpy()
    for array in arrays.values():
        array.flush()
    if upto > pack.encoded:
        (pack.folder / "encoded.json").write_text(json.dumps({"count": upto, "scaling_factor": scale}))
    return type(pack)(pack.folder)


def coverage_tensor(coverage: np.ndarray, cells: Sequence[int]) -> torch.Tensor:
    """Masks (B, P, h, w) float in [0, 1] of stored coverage (B, P, H, W) uint8, averaged to h × w cells."""
    return F.adaptive_avg_pool2d(torch.from_numpy(np.array(coverage)).float() / 255, (cells[0], cells[1]))
