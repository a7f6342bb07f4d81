"""Metrics that compare what learned networks see: LPIPS, FID and CLIP score, where a folder holds their weights.

    FOLDER/
      lpips/alexnet*.pth, lpips/alex.pth     torchvision's AlexNet, and the linear weights of LPIPS 0.1
      inception/*.pth                        the Inception v3 of the FID paper, as ported to torchvision's names
      clip/                                  a CLIP model of transformers: config.json, safetensors, tokenizer and image processor

Each is read from its path alone, with `weights_only`, and a part that is not there is None.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from scipy.linalg import eigvals
from torch import nn
from torch.nn import functional as F
from torchvision.models import alexnet
from torchvision.models.inception import BasicConv2d, Inception3, InceptionA, InceptionAux, InceptionB, InceptionC, InceptionD, InceptionE
from transformers import CLIPModel, CLIPProcessor

LPIPS_SHIFT, LPIPS_SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
ALEXNET_LAYERS = (1, 4, 7, 9, 11)  # the ReLUs whose outputs are compared
ALEXNET_WIDTHS = (64, 192, 384, 256, 256)
INCEPTION_SIDE, INCEPTION_CLASSES = 299, 1008


def _read(path: Path) -> dict[str, torch.Tensor]:
    """A state dict; ValueError that names the file when it is none."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ValueError(f"{path} cannot be read as weights: {error}") from error


Network = TypeVar("Network", bound=nn.Module)


def _load(model: Network, weights: dict[str, torch.Tensor], path: Path) -> Network:
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"the weights of {path} do not fit: {error}") from error
    return model.eval().requires_grad_(False)


def _tensor(image: np.ndarray) -> torch.Tensor:
    """(1, 3, H, W) float in [0, 1] of an image (H, W, 3) uint8."""
    return torch.from_numpy(np.array(image)).movedim(-1, 0)[None].float() / 255


class Lpips(nn.Module):
    """Learned perceptual distance (Zhang et al. 2018, version 0.1 on AlexNet): 0 for equal images, larger for unlike ones."""

    def __init__(self) -> None:
        super().__init__()
        self.features = alexnet(weights=None).features
        self.linear = nn.ParameterList(torch.zeros(1, width, 1, 1) for width in ALEXNET_WIDTHS)

    @classmethod
    def read(cls, folder: Path) -> "Lpips":
        """From `alexnet*.pth` and `alex.pth` of a folder."""
        (backbone,), linear = folder.glob("alexnet*.pth"), folder / "alex.pth"
        weights = {name: weight for name, weight in _read(backbone).items() if name.startswith("features.")}
        rows = _read(linear)
        weights |= {f"linear.{n}": row for n, name in enumerate(sorted(rows)) for row in [rows[name]]}
        return _load(cls(), weights, linear)

    def _activations(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Outputs of the compared layers, of unit length along channels."""
        shift, scale = (image.new_tensor(values)[:, None, None] for values in (LPIPS_SHIFT, LPIPS_SCALE))
        hidden, outputs = ((2 * image - 1) - shift) / scale, []
        for number, layer in enumerate(self.features[: ALEXNET_LAYERS[-1] + 1]):
            hidden = layer(hidden)
            if number in ALEXNET_LAYERS:
                outputs.append(F.normalize(hidden, dim=1, eps=1e-10))
        return outputs

    @torch.no_grad()
    def distance(self, image: np.ndarray, reference: np.ndarray) -> float:
        """The distance of two images (H, W, 3) uint8 of one size, of 32 pixels a side or more."""
        pairs = zip(self._activations(_tensor(image)), self._activations(_tensor(reference)), self.linear, strict=True)
        return float(sum(((one - other) ** 2 * weight).sum(1).mean() for one, other, weight in pairs))


class _PooledInside(nn.Module):
    """An Inception block whose pooling branch leaves the padding out of its averages, as the network of the FID paper does."""

    largest = False
    branch_pool: nn.Module

    def _forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        *branches, _ = super()._forward(x)  # ty: ignore[missing-attribute]  (of the block that it is mixed into)
        pooled = F.max_pool2d(x, 3, 1, 1) if self.largest else F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return [*branches, self.branch_pool(pooled)]


class _A(_PooledInside, InceptionA): ...


class _C(_PooledInside, InceptionC): ...


class _E(_PooledInside, InceptionE): ...


class Inception(nn.Module):
    """The features that FID compares (Heusel et al. 2017): the last average pooling of Inception v3."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[Any] = [BasicConv2d, _A, InceptionB, _C, InceptionD, _E, InceptionAux]
        self.network = Inception3(INCEPTION_CLASSES, aux_logits=False, inception_blocks=blocks, init_weights=False)
        setattr(self.network.Mixed_7c, "largest", True)  # noqa: B010  (a flag and no submodule)
        self.network.add_module("fc", nn.Identity())

    @classmethod
    def read(cls, folder: Path) -> "Inception":
        """From the one `.pth` of a folder."""
        (path,) = folder.glob("*.pth")
        weights = {f"network.{name}": weight for name, weight in _read(path).items() if not name.startswith(("fc.", "AuxLogits."))}
        return _load(cls(), weights, path)

    @torch.no_grad()
    def features_of(self, image: np.ndarray) -> np.ndarray:
        """Features (2048,) float32 of an image (H, W, 3) uint8."""
        square = F.interpolate(_tensor(image), (INCEPTION_SIDE, INCEPTION_SIDE), mode="bilinear", align_corners=False)
        return self.network(2 * square - 1)[0].numpy()


def frechet_distance(features: np.ndarray, others: np.ndarray) -> float:
    """The Fréchet distance of two sets of features (N, D) and (M, D), each taken for a normal distribution.

    Raises ValueError for fewer than two features on a side. It is biased upward for few: papers take thousands.
    """
    if min(len(features), len(others)) < 2:
        raise ValueError(f"a Fréchet distance needs two images or more on each side, got {len(features)} and {len(others)}")
    (mean, covariance), (mean_of_others, other) = (
        (group.mean(0), np.cov(group, rowvar=False)) for group in (features.astype(np.float64), others.astype(np.float64))
    )
    shared = np.sqrt(eigvals(covariance @ other).astype(complex)).real.sum()
    return float(((mean - mean_of_others) ** 2).sum() + np.trace(covariance) + np.trace(other) - 2 * shared)


class ClipScore:
    """How well a caption fits an image (Hessel et al. 2021), as 100 · max(cosine, 0), without their factor of 2.5."""

    def __init__(self, model: CLIPModel, processor: CLIPProcessor) -> None:
        self.model, self.processor = model.eval(), processor

    @classmethod
    def read(cls, folder: Path) -> "ClipScore":
        """From a folder as transformers writes it."""
        return cls(CLIPModel.from_pretrained(folder, local_files_only=True), CLIPProcessor.from_pretrained(folder, local_files_only=True))

    @torch.no_grad()
    def score(self, image: np.ndarray, caption: str) -> float:
        """The score of an image (H, W, 3) uint8 and a text, of which what the model cannot take is cut off."""
        inputs = self.processor(text=[caption], images=[image], return_tensors="pt", padding=True, truncation=True)
        seen = self.model(**inputs)
        return 100 * max(float(F.cosine_similarity(seen.image_embeds, seen.text_embeds)), 0.0)


@dataclass(frozen=True)
class Networks:
    """The networks whose weights are there."""

    lpips: Lpips | None = None
    inception: Inception | None = None
    clip: ClipScore | None = None

    @classmethod
    def read(cls, folder: Path) -> "Networks":
        """What a folder holds; ValueError that names a file that is damaged or of another network."""

        def read(kind: Any, name: str) -> Any:
            return kind.read(folder / name) if (folder / name).is_dir() else None

        return cls(read(Lpips, "lpips"), read(Inception, "inception"), read(ClipScore, "clip"))

    def compare(self, image: np.ndarray, reference: np.ndarray, caption: str) -> dict[str, float]:
        """LPIPS and CLIP score of a colorization, of those whose weights are there."""
        distances = {} if self.lpips is None else {"lpips": self.lpips.distance(image, reference)}
        return distances if self.clip is None else distances | {"clip_score": self.clip.score(image, caption)}
