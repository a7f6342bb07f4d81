"""What things look like by nature: the features of an image classifier, and the colors that they let one expect.

A colorizer that is trained on few photos does not know what is on them; a classifier that was trained on a million does. As in most
colorizers since Iizuka, Simo-Serra and Ishikawa (2016, "Let there be color!") a classifier's features therefore stand beside the
luminance features: the denoiser takes some of them as further input channels, and small heads give the chroma to expect where no
caption asks for a color (`lcad.prior_guidance`). The classifier never trains here: its weights are read with the checkpoint.

Heads are several, for few photos teach each of them other accidents; what they expect is averaged (Lakshminarayanan, Pritzel and
Blundell 2017, "Simple and scalable predictive uncertainty estimation using deep ensembles"), which is where they agree.
"""

from typing import Any

import timm
import torch
from torch import nn
from torch.nn import functional as F

BACKBONE = "tf_efficientnet_lite0"  # Tan and Le 2019 in the edition for small machines, as `timm` names it
LEVELS = (1, 2, 3, 4)  # its features at 1/4, 1/8, 1/16 and 1/32 of its input
ENLARGED = 1.75  # pictures are shown to it larger: mini's 128 px are the 224 px that it was trained at
CELL = 8  # pixels a side of the cells on which features are given
QUARTERS = 2  # expected chroma is given for 2 × 2 parts of a cell
SPREAD = 20.0  # Lab units of expected chroma for one unit of the head's output
MOST_DEVIATIONS = 5.0


class ColorPrior(nn.Module):
    """A frozen classifier, its features in units of their deviations, some of them for the denoiser, and heads that expect chroma.

    `channels` is how many features the denoiser gets: their first principal components over photos (`fit`). `gain` is what the mean
    of the heads is multiplied with: the average of what is possible is paler than what is there.
    """

    mean: torch.Tensor
    deviation: torch.Tensor
    gain: torch.Tensor
    backbone: Any
    """Of timm: its `feature_info` says what each level has."""

    def __init__(self, channels: int = 96, width: int = 160, heads: int = 4):
        super().__init__()
        backbone: Any = timm.create_model(BACKBONE, pretrained=False, features_only=True, out_indices=LEVELS)
        self.backbone = backbone
        self.seen = sum(backbone.feature_info.channels())
        self.register_buffer("mean", torch.zeros(self.seen))
        self.register_buffer("deviation", torch.ones(self.seen))
        self.components = nn.Conv2d(self.seen, channels, 1, bias=False)
        coarsest = backbone.feature_info.channels()[-1]
        self.heads = nn.ModuleList(Head(self.seen, coarsest, width) for _ in range(heads))
        self.register_buffer("gain", torch.ones(()))
        self.requires_grad_(False)

    def train(self, mode: bool = True) -> "ColorPrior":
        """The classifier stays as it was trained: its normalization never learns."""
        super().train(mode)
        self.backbone.eval()
        return self

    @torch.no_grad()
    def raw(self, lightness: torch.Tensor) -> torch.Tensor:
        """The classifier's features (B, F, H/8, W/8), all levels at one size, of L (B, 1, H, W) in [0, 100]; H, W multiples of 8."""
        cells = tuple(extent // CELL for extent in lightness.shape[-2:])
        shown = F.interpolate(lightness / 50 - 1, scale_factor=ENLARGED, mode="bicubic").clamp(-1, 1).expand(-1, 3, -1, -1)
        levels = [F.interpolate(level.float(), cells, mode="bilinear", antialias=True) for level in self.backbone(shown)]  # float32 only
        return torch.cat(levels, 1).to(lightness)

    def features(self, lightness: torch.Tensor) -> torch.Tensor:
        """The same in deviations from their means over photos."""
        raw = self.raw(lightness)
        mean, deviation = (values.to(raw)[:, None, None] for values in (self.mean, self.deviation))
        return ((raw - mean) / deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)

    def semantic(self, features: torch.Tensor) -> torch.Tensor:
        """What the denoiser gets of features (B, F, h, w): their components (B, channels, h, w)."""
        return self.components(features)

    def expected(self, features: torch.Tensor) -> torch.Tensor:
        """The chroma (B, 2, 2h, 2w), in Lab units, to expect where features (B, F, h, w) are seen."""
        return self.gain.to(features) * torch.stack([head(features) for head in self.heads]).mean(0)

    @torch.no_grad()
    def fit(self, raw: torch.Tensor) -> None:
        """Take means, deviations and principal components from raw features (N, F) of cells of photos."""
        self.mean.copy_(raw.mean(0)), self.deviation.copy_(raw.std(0) + 1e-4)
        normal = ((raw - self.mean) / self.deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)
        values, vectors = torch.linalg.eigh(normal.T @ normal / len(normal))
        kept = self.components.out_channels
        axes = vectors[:, -kept:].flip(1) / values[-kept:].flip(0).clamp(min=1e-6).sqrt()
        self.components.weight.copy_(axes.T[:, :, None, None])


class Head(nn.Module):
    """From features of cells to the chroma of their quarters: three residual convolutions, told what the whole picture shows."""

    def __init__(self, seen: int, coarsest: int, width: int):
        super().__init__()
        self.coarsest = coarsest  # the last so many features are the classifier's last level
        self.local, self.whole = nn.Conv2d(seen, width, 1), nn.Linear(coarsest, width)
        self.mixing = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(3))
        self.out = nn.Conv2d(width, 2 * QUARTERS**2, 1)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)
        self.drop_seen, self.drop_whole = nn.Dropout2d(0.4), nn.Dropout(0.5)
        self.drop_mixed = nn.Dropout2d(0.25)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Chroma (B, 2, 2h, 2w) in Lab units of features (B, F, h, w)."""
        whole = self.whole(self.drop_whole(features[:, -self.coarsest :].mean((2, 3))))
        hidden = F.gelu(self.local(self.drop_seen(features)) + whole[:, :, None, None])
        for conv in self.mixing:
            hidden = hidden + F.gelu(conv(self.drop_mixed(hidden)))
        return F.pixel_shuffle(self.out(hidden), QUARTERS) * SPREAD
