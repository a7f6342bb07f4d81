"""Composed scenes that the grounder learns from beside photos: cut-outs on photos and tinted grounds, as `lcad-mini` was trained on.

Without them the grounder is out of its depth there, and says so too rarely. A scene is drawn at a small size more often than not; what the
detector sees in it is what it sees on the gray scene.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from lcad.grounding.detector import KINDS, ThingDetector
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.phrase_finder import FrozenClassifier
from lcad.imaging import gray_image, lightness_of_image
from lcad.models.phrase_grounder import CELLS, SIDE
from pipelines.composing.scenes import Backdrop, Cutout, compose_scene
from pipelines.pretraining.grounding_targets import MarkedBox, MarkedView
from pipelines.pretraining.grounding_views import mask_on_cells, placing

SIZES, SIZE_SHARES = (128, 192, 256), (0.55, 0.2, 0.25)  # pixels a side
MOST_OBJECTS = 4
SEED = 21
Features = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class SeenScenes:
    """So many composed scenes, named by number; what is marked in them and what the classifier sees is kept in a folder."""

    cutouts: Sequence[Cutout]
    backdrops: Sequence[Backdrop]
    folder: Path
    classifier: FrozenClassifier
    detector: ThingDetector
    count: int

    @property
    def names(self) -> list[str]:
        """The scenes' names."""
        return [f"scene-{number:05}" for number in range(self.count)]

    def features(self, name: str) -> Features:
        """The classifier's features (1, C, h, w) of a scene at 1/8, 1/16 and 1/32."""
        eighth, sixteenth, coarsest = (level.float() for level in self._kept(name)["levels"])
        return eighth, sixteenth, coarsest

    def marked(self, name: str) -> MarkedView:
        """What is marked in a scene: the cut-outs by their labels, and the detector's boxes."""
        kept = self._kept(name)
        named = [(label, mask.float().numpy() / 255) for label, mask in zip(kept["labels"], kept["masks"], strict=True)]
        boxes = [MarkedBox(KINDS[int(kind)], score, tuple(sides), None, 0.0) for kind, score, *sides in kept["boxes"]]
        return MarkedView(np.ones((CELLS, CELLS), np.float32), boxes=boxes, named=named)

    @torch.no_grad()
    def _kept(self, name: str) -> dict:
        path = self.folder / f"{name}.pt"
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            torch.save(self._made(int(name.split("-")[1])), path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
        return torch.load(path, weights_only=True)

    def _made(self, number: int) -> dict:
        rng = np.random.default_rng([SEED, number])
        size = int(rng.choice(SIZES, p=SIZE_SHARES))
        scene = compose_scene(rng, self.cutouts, self.backdrops, int(rng.integers(1, MOST_OBJECTS + 1)), size, ("scarce",))
        lightness = lightness_of_image(scene.rgb)
        view = Letterbox.of(lightness.shape)
        matrix = placing(SIDE / size, (0, 0), (0, 0))
        shown = [(one.label.lower(), mask) for one, mask in zip(scene.objects, scene.masks, strict=True) if not one.background]
        masks = [mask_on_cells(mask, matrix, CELLS) for _, mask in shown]
        levels = self.classifier(torch.from_numpy(view.place(lightness))[None, None])
        seen, unit = self.detector.boxes(gray_image(lightness)), SIDE / size
        return {
            "levels": [level.half() for level in levels],
            "labels": [label for label, _ in shown],
            "masks": torch.from_numpy((np.stack(masks) * 255).round().astype(np.uint8)),
            "boxes": [[b.kind, b.score, *(side * unit for side in (b.left, b.top, b.right, b.bottom))] for b in seen],
        }
