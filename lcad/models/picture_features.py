"""What an image classifier makes of a whole picture: one vector, near to those of pictures that show the like.

The classifier is the one of the color prior (`lcad.models.color_prior`), read alone out of a checkpoint's autoencoder: a few megabytes.
Features of its last level are averaged over the picture, put in units of their deviations over photos, and brought to length 1, so that
the scalar product of two is their likeness in [-1, 1].
"""

from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

from lcad.models.color_prior import BACKBONE, LEVELS

NETWORK = f"{BACKBONE}-1"
"""The name of what makes these vectors, and the version of how."""
SIDE = 224
PREFIX = "color_prior."


class PictureFeatures(nn.Module):
    """The classifier, and the means and deviations of its last level over photos."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.backbone: Any = timm.create_model(BACKBONE, pretrained=False, features_only=True, out_indices=LEVELS)
        self.width = self.backbone.feature_info.channels()[-1]
        self.register_buffer("mean", torch.zeros(self.width))
        self.register_buffer("deviation", torch.ones(self.width))
        self.requires_grad_(False)

    @classmethod
    def from_checkpoint(cls, folder: Path) -> "PictureFeatures":
        """The classifier of a checkpoint's folder. Raises ValueError where it has no color prior."""
        classifier = cls()
        with safe_open(next((folder / "autoencoder").glob("*.safetensors")), "pt") as weights:
            names = [name for name in weights.keys() if name.startswith(PREFIX)]  # noqa: SIM118  (it is no mapping)
            if not names:
                raise ValueError(f"expected a checkpoint with a color prior, {folder} has none")
            own = {name: weights.get_tensor(PREFIX + name).float() for name in classifier.backbone_names()}
            for name in ("mean", "deviation"):
                own[name] = weights.get_tensor(PREFIX + name).float()[-classifier.width :]  # of all levels, one after the other
        classifier.load_state_dict(own)
        return classifier.eval()

    def backbone_names(self) -> list[str]:
        """The names of the classifier's weights."""
        return [name for name in self.state_dict() if name.startswith("backbone.")]

    @torch.no_grad()
    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Vectors (B, F) of length 1 of RGB pictures (B, 3, H, W) in [0, 1]."""
        shown = F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", antialias=True) * 2 - 1
        pooled = self.backbone(shown)[-1].float().mean((2, 3))
        return F.normalize((pooled - self.mean) / self.deviation, dim=1)
