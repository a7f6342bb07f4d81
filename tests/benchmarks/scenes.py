"""Pictures that the benchmarks color: composed scenes of held-out sources, and the demo's own photos and scenes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lcad import Region
from pipelines.composing.scenes import Scene, compose_scene
from pipelines.demo import DemoPhoto, DemoScene
from pipelines.pretraining.source_files import parted, read_backdrops, read_cutouts

COUNTS = (1, 2, 3)  # objects, in turn
CHROMA_OF_A_PHOTO = 4.0  # mean, in Lab units; a picture with less is no original in color


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture with one caption of it: rgb (H, W, 3) uint8, and where phrases of the caption are."""

    name: str
    rgb: np.ndarray
    caption: str
    level: str
    regions: tuple[Region, ...]

    @property
    def phrases(self) -> list[str]:
        """The words of the regions."""
        return [self.caption[slice(*region.phrase)] for region in self.regions]

    @property
    def masks(self) -> list[np.ndarray]:
        """The masks of the regions, (H, W) bool."""
        return [region.mask for region in self.regions]


def composed(sources: Path, count: int, size: int, seed: int = 0, level: str = "complete") -> list[Shown]:
    """Scenes of one, two and three objects in turn, of pictures that training holds out; number n depends on seed and n alone."""
    _, cutouts = parted(read_cutouts(sources))
    _, backdrops = parted(read_backdrops(sources))
    made = []
    for n in range(count):
        scene = compose_scene(np.random.default_rng([seed, n]), cutouts, backdrops, COUNTS[n % len(COUNTS)], size, (level,))
        made.append(_shown(f"scene {n}", scene))
    return made


def _shown(name: str, scene: Scene) -> Shown:
    caption = scene.captions[0]
    regions = tuple(Region((phrase.start, phrase.end), scene.masks[phrase.subject]) for phrase in caption.phrases)
    return Shown(name, scene.rgb, caption.text, caption.level, regions)


def demo_pictures(items: Iterable[DemoPhoto | DemoScene], longest: int, levels: Sequence[str] = ("complete",)) -> list[Shown]:
    """The first caption of each level of the demo's pictures, with their traced regions; a longer side than `longest` is reduced."""
    made = []
    for item in items:
        masks = {region.name: _reduced(region.mask.astype(np.float32), longest) >= 0.5 for region in item.regions}
        for level in levels:
            caption = next(caption for caption in item.captions if caption.level == level)
            regions = tuple(Region((phrase.start, phrase.end), masks[phrase.region]) for phrase in caption.phrases)
            made.append(Shown(item.name, _reduced(item.rgb, longest), caption.text, level, regions))
    return made


def _reduced(picture: np.ndarray, longest: int) -> np.ndarray:
    height, width = picture.shape[:2]
    scale = min(1, longest / max(height, width))
    return cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)


def held_out_photos(sources: Path, size: int) -> list[tuple[np.ndarray, str]]:
    """Middle squares (size, size, 3) uint8 of the photos that training holds out, with labels; gray ones are left out."""
    _, backdrops = parted(read_backdrops(sources))
    squares = [(_middle_square(backdrop.rgb, size), backdrop.label) for backdrop in backdrops]
    return [(rgb, label) for rgb, label in squares if _chroma(rgb) >= CHROMA_OF_A_PHOTO]


def _middle_square(rgb: np.ndarray, size: int) -> np.ndarray:
    side = min(rgb.shape[:2])
    y, x = ((extent - side) // 2 for extent in rgb.shape[:2])
    return cv2.resize(rgb[y : y + side, x : x + side], (size, size), interpolation=cv2.INTER_AREA)


def _chroma(rgb: np.ndarray) -> float:
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return float(np.hypot(lab[..., 1], lab[..., 2]).mean())
