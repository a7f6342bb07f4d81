"""How unsure the color prior is of a picture: how far the chromas that its heads expect lie apart.

Heads that learned from the same photos agree on what these showed often, and differ on the rest (Lakshminarayanan, Pritzel and Blundell
2017). Pictures on which they differ most are those of which a checkpoint knows least what colors they have; `workbench.suggestions` asks
for them first. The prior is read alone out of a checkpoint's autoencoder.
"""

import hashlib
from pathlib import Path

import torch
from safetensors import safe_open

from lcad.models.color_prior import CELL, ColorPrior

PREFIX = "color_prior."
SIDE = 128
"""Longest side in pixels at which a picture is looked at."""


def prior_of(folder: Path) -> tuple[ColorPrior, str]:
    """The color prior of a checkpoint's folder, and a name of its weights. Raises ValueError where it has none."""
    with safe_open(next((folder / "autoencoder").glob("*.safetensors")), "pt") as weights:
        names = sorted(name for name in weights.keys() if name.startswith(PREFIX))  # noqa: SIM118  (it is no mapping)
        if not names:
            raise ValueError(f"expected a checkpoint with a color prior, {folder} has none")
        own = {name.removeprefix(PREFIX): weights.get_tensor(name).float() for name in names}
    channels, width = own["components.weight"].shape[0], own["heads.0.local.weight"].shape[0]
    heads = {name.split(".")[1] for name in own if name.startswith("heads.")}
    prior = ColorPrior(channels, width, len(heads))
    prior.load_state_dict(own)
    digest = hashlib.sha256()
    for name, values in own.items():
        digest.update(name.encode() + values.numpy().tobytes())
    return prior.eval(), digest.hexdigest()[:16]


def looked_at_size(height: int, width: int) -> tuple[int, int]:
    """The size (rows, columns), in whole cells, at which a picture of a size is looked at."""
    scale = SIDE / max(height, width)
    rows, columns = (max(1, round(extent * scale / CELL)) * CELL for extent in (height, width))
    return rows, columns


@torch.no_grad()
def doubt(prior: ColorPrior, lightness: torch.Tensor) -> torch.Tensor:
    """The doubt (B,) of pictures of L (B, 1, H, W) in [0, 100], H and W multiples of 8: Lab units.

    It is the root mean square, over the picture and its heads, of how far a head's chroma is from the mean of all.
    """
    features = prior.features(lightness)
    chroma = prior.gain.to(features) * torch.stack([head(features) for head in prior.heads])
    return chroma.var(0, correction=0).sum(1).mean((1, 2)).sqrt()
