"""How constraints on colors are honored: while sampling, approximately, and at the end, exactly.

*While sampling*, the clean latents that each step predicts are read as chroma, the chroma of pinned cells is replaced by their
target at their own lightness, that of other cells is moved onto the palette, and the difference is written back into the latents
before the solver goes on. So what is pinned is known to the denoiser, which carries it on to where the object really ends. Reading
and writing are linear maps, fitted once a checkpoint on smooth random chroma that its own autoencoder encodes: nothing is assumed of
the latents, and a step costs nothing. *At the end*, in `lcad.chroma.merge_with_lightness`, the chroma of a pinned region becomes its
target at each pixel's own lightness plus TEXTURE of what the model varied around the region's median; and chroma farther than REACH from
the palette comes that near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from lcad.chroma.constraints import Constraints, Target, look_up
from lcad.imaging import Canvas, clip_chroma, lab_to_rgb, rgb_to_lab
from lcad.metrics import weighted_median
from lcad.models import LuminanceAutoencoder

TEXTURE = 0.5  # of the predicted variation inside a pinned region that is kept
REACH = 4.0  # ab: how far from the palette chroma may be
FIELDS, FIELD_CELLS, FIELD_CHROMA, FIELD_LIGHTNESS = 12, 8, 30.0, (20.0, 85.0)  # what the linear maps are fitted on


@dataclass(frozen=True)
class LatentChroma:
    """Linear maps between latents (times the scaling factor) of C channels and the mean chroma of their cells, in Lab units.

    read (C, 2) and offset (2,): ab = latents · read + offset; write (2, C): what to add to latents for a change of ab. Reading a
    written change gives it back exactly. `error` is the root mean square of what reading misses, over the fields of the fit.
    """

    read: torch.Tensor
    offset: torch.Tensor
    write: torch.Tensor
    error: float

    def chroma(self, latents: torch.Tensor) -> torch.Tensor:
        """The chroma (…, 2, h, w) of latents (…, C, h, w)."""
        return torch.einsum("...chw,cd->...dhw", latents, self.read) + self.offset[:, None, None]

    def moved(self, latents: torch.Tensor, change: torch.Tensor) -> torch.Tensor:
        """Latents (…, C, h, w) whose chroma is another by a change (…, 2, h, w)."""
        return latents + torch.einsum("...dhw,dc->...chw", change, self.write)


@torch.no_grad()
def fit_latent_chroma(autoencoder: LuminanceAutoencoder) -> LatentChroma:
    """The maps of an autoencoder, by least squares over the cells of smooth random fields that it encodes."""
    rng, side = np.random.default_rng(0), FIELD_CELLS * autoencoder.downscale
    coarse = np.dstack([rng.uniform(*FIELD_LIGHTNESS, (FIELDS * 4, 4)), rng.normal(0, FIELD_CHROMA, (FIELDS * 4, 4, 2))]).astype(np.float32)
    fields = [cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC) for field in np.split(coarse, FIELDS)]
    rgb = lab_to_rgb(clip_chroma(torch.from_numpy(np.stack(fields)).movedim(-1, 1))).clamp(0, 1)
    inputs = (rgb * 2 - 1).to(autoencoder.device, autoencoder.dtype)
    latents = autoencoder.encode(inputs).latent_dist.mode().float().cpu() * autoencoder.config.scaling_factor
    cells = F.avg_pool2d(rgb_to_lab(rgb), autoencoder.downscale)
    z, lab = (x.movedim(1, -1).flatten(0, 2).double() for x in (latents, cells))
    one = torch.ones(len(z), 1, dtype=z.dtype)
    *read, offset = torch.linalg.lstsq(torch.cat([z, one], 1), lab[:, 1:]).solution
    read = torch.stack(read)
    placed = torch.linalg.lstsq(torch.cat([lab, one], 1), z).solution[1:3]
    write = torch.linalg.solve(placed @ read, placed)
    error = (z @ read + offset - lab[:, 1:]).square().sum(1).mean().sqrt()
    return LatentChroma(read.float(), offset.float(), write.float(), float(error))


def nearest_of_palette(members: np.ndarray, lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The nearest chroma (N, 2) to ab (N, 2), at lightness (N,), on the lines from gray to each member of a palette (K, 101, 2)."""
    nearest, least = np.zeros_like(ab), np.full(len(ab), np.inf, np.float32)
    for member in members:
        goal = look_up(member, lightness)
        along = np.clip(np.sum(ab * goal, 1) / np.maximum(np.sum(goal**2, 1), 1e-6), 0, 1)
        point = along[:, None] * goal
        far = np.sum((ab - point) ** 2, 1)
        nearest, least = np.where((far < least)[:, None], point, nearest), np.minimum(far, least)
    return nearest


def within_reach(members: np.ndarray, lightness: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Chroma (h, w, 2), at lightness (h, w), brought to within REACH of a palette (K, 101, 2)."""
    flat = chroma.reshape(-1, 2)
    point = nearest_of_palette(members, lightness.reshape(-1), flat)
    far = np.linalg.norm(flat - point, axis=1, keepdims=True)
    return (point + (flat - point) * np.minimum(1, REACH / np.maximum(far, 1e-6))).reshape(chroma.shape)


@dataclass(frozen=True, eq=False)
class Expected:
    """The chroma (h, w, 2), in Lab units, that a canvas is expected to have, and how far it shall have it, (h, w) in [0, 1]."""

    chroma: np.ndarray
    weight: np.ndarray

    def on_cells(self, cells: Sequence[int]) -> "Expected":
        """The same on cells (h', w') of whole parts; the least weight in a cell is its own, so that what asks for a color has all of it."""
        parts = self.weight.reshape(cells[0], -1, cells[1], self.weight.shape[1] // cells[1])
        return Expected(cv2.resize(self.chroma, cells[::-1], interpolation=cv2.INTER_AREA), parts.min((1, 3)))


@dataclass(frozen=True, eq=False)
class CellConstraints:
    """What one picture wants on the cells of its latents: lightness (h, w), of each pin its target and coverage (h, w), a palette, and
    what is expected where nothing else is wanted."""

    lightness: np.ndarray
    pins: tuple[tuple[Target, np.ndarray], ...]
    palette: np.ndarray
    expected: Expected | None = None

    @classmethod
    def on_cells(
        cls, constraints: Constraints, lightness: np.ndarray, canvas: Canvas, downscale: int, expected: Expected | None = None
    ) -> "CellConstraints":
        """What a picture with lightness (H, W) wants, as its canvas places it."""
        cells = tuple(extent // downscale for extent in canvas.padded)

        def averaged(plane: np.ndarray) -> np.ndarray:
            return cv2.resize(canvas.place(plane), cells[::-1], interpolation=cv2.INTER_AREA)

        pins = sorted(constraints.pins, key=lambda pin: -float(np.sum(pin.mask)))  # the smaller ones are written last
        pinned = tuple((pin.target, averaged(np.asarray(pin.mask, np.float32))) for pin in pins)
        return cls(averaged(lightness), pinned, constraints.members, expected and expected.on_cells(cells))

    def change(self, chroma: np.ndarray) -> np.ndarray:
        """What to add to the chroma (h, w, 2) of the cells."""
        corrected = chroma
        if self.expected is not None:
            corrected = corrected + self.expected.weight[..., None] * (self.expected.chroma - corrected)
        if len(self.palette):
            corrected = nearest_of_palette(self.palette, self.lightness.reshape(-1), corrected.reshape(-1, 2)).reshape(chroma.shape)
        for target, covered in self.pins:
            if covered.any():
                lightness, *ab = (np.average(plane, weights=covered) for plane in (self.lightness, *np.moveaxis(chroma, -1, 0)))
                goal = look_up(target.member(lightness, np.array(ab)), self.lightness)
                corrected = corrected + covered[..., None] * (goal - corrected)
        return corrected - chroma


class ChromaGuidance:
    """An adjustment for `lcad.sampler.sample`: writes into predicted clean latents what each picture of a batch wants (or None)."""

    def __init__(self, latent_chroma: LatentChroma, constraints: Sequence[CellConstraints | None]):
        self.latent_chroma, self.constraints = latent_chroma, tuple(constraints)

    def __call__(self, clean: torch.Tensor, _time: float) -> torch.Tensor:
        """Latents (B, C, h, w) with the wanted chroma."""
        latents = clean.float().cpu()
        rows = [self._adjusted(row, own) if own else row for row, own in zip(latents, self.constraints, strict=True)]
        return torch.stack(rows).to(clean)

    def _adjusted(self, latents: torch.Tensor, constraints: CellConstraints) -> torch.Tensor:
        chroma = self.latent_chroma.chroma(latents).movedim(0, -1).numpy()
        change = torch.from_numpy(np.float32(constraints.change(chroma)))
        return self.latent_chroma.moved(latents, change.movedim(-1, 0))


@dataclass(frozen=True, eq=False)
class PinnedColor:
    """What the chroma of a pinned region becomes: table (101, 2) at each pixel's lightness + TEXTURE · predicted − shift (2,)."""

    table: np.ndarray
    shift: np.ndarray

    @classmethod
    def of_region(cls, target: Target, lightness: np.ndarray, ab: np.ndarray, weights: np.ndarray) -> "PinnedColor":
        """For a region of pixels with lightness (N,), predicted ab (N, 2), each of a weight (N,): their median is the target's."""
        table = target.member(weighted_median(lightness, weights), _median(ab, weights))
        goal = look_up(table, lightness)
        return cls(table, _median(goal + TEXTURE * ab, weights) - _median(goal, weights))

    def of_pixels(self, lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
        """The chroma (N, 2) of pixels at full size with lightness (N,) and predicted ab (N, 2)."""
        return look_up(self.table, lightness) + TEXTURE * ab - self.shift


def _median(ab: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.array([weighted_median(channel, weights) for channel in ab.T], np.float32)
