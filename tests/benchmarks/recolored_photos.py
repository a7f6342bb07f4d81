"""Real photos of people whose clothes, hair and bags, outlined by people, have colors drawn by name: the truth is exact.

The photos are those of Clothing Co-Parsing that the embedded checkpoint's training held out (`photo_parts.held_out_names`). Each comes
in several versions, with other colors for other parts, and one caption a version, in annotators' words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from db.enums import RegionOrigin
from pipelines.composing.captions import Caption
from pipelines.composing.photo_captions import Part, write_photo_caption
from pipelines.composing.photo_parts import LabeledPhoto, labeled_photo, read_labels
from pipelines.composing.photo_words import kind_of
from pipelines.composing.recoloring import NamedColor, draw_color, recolor, to_lab, to_rgb, to_u8
from pipelines.pretraining.photo_sources import HUMAN, read_sources
from workbench.imaging import masks, png_of
from workbench.importing import Item, ItemCaption, ItemRegion, Notes, Phrase

MOST_PARTS = 4
LEAST_AREA = 0.004  # of the photo
KEPT_SHARE = 0.25  # of parts that keep the color they have and are named without one


@dataclass(frozen=True, eq=False)
class RecoloredPhoto:
    """A version of a photo: rgb (H, W, 3) uint8, its caption, and the masks (N, H, W) bool of the caption's subjects with their labels."""

    photo: str
    number: int
    rgb: np.ndarray
    caption: Caption
    masks: np.ndarray
    labels: tuple[str, ...]

    @property
    def item(self) -> Item:
        """The version as an import takes it; those of one photo share their source."""
        content = png_of(self.rgb)
        name = f"{Path(self.photo).stem}-{self.number}.png"
        named = sorted({phrase.subject for phrase in self.caption.phrases})
        phrases = tuple(Phrase(one.start, one.end, named.index(one.subject)) for one in self.caption.phrases)
        regions = [ItemRegion(masks.encode(self.masks[n]), self.labels[n], RegionOrigin.HUMAN) for n in named]
        notes = Notes([ItemCaption(self.caption.text, None, phrases)], regions, source="recolored", scene_source=[self.photo])
        return Item(name, name, lambda: content, notes)


def held_out_people(root: Path) -> list[LabeledPhoto]:
    """The held-out photos with masks by people, these masks alone; ValueError where the collection has none."""
    sources, human = read_sources(root), read_labels([root / HUMAN])
    photos = ((name, labeled_photo(root / name, human[name])) for name in sources.held_out if name in human)
    return [(name, photo) for name, photo in photos if photo is not None]


def versions(photos: Sequence[tuple[str, LabeledPhoto]], count: int, seed: int) -> Iterator[RecoloredPhoto]:
    """So many versions of photos, all photos in turn."""
    for number in range(count):
        name, photo = photos[number % len(photos)]
        version = _version(np.random.default_rng([seed, number]), name, number // len(photos), photo)
        if version is not None:
            yield version


def _version(rng: np.random.Generator, name: str, number: int, photo: LabeledPhoto) -> RecoloredPhoto | None:
    areas = photo.masks.mean((1, 2))
    shown = [n for n in np.argsort(-areas) if areas[n] >= LEAST_AREA and kind_of(photo.labels[n]) != "person"]
    picked = sorted(rng.permutation(shown)[:MOST_PARTS].tolist())
    if not picked:
        return None
    lab, kept = to_lab(photo.rgb), rng.random(len(picked)) < KEPT_SHARE
    kept[int(rng.integers(len(picked)))] = False
    mixed, parts = lab.copy(), []
    for place, n in enumerate(picked):
        soft = photo.masks[n]
        color = None if kept[place] else draw_color(rng, float(np.median(lab[..., 0][soft > 0.5])))
        mixed = mixed if color is None else _painted(rng, mixed, lab, soft, color)
        rows, columns = np.nonzero(soft > 0.5)
        center = (float(columns.mean()) / soft.shape[1], float(rows.mean()) / soft.shape[0])
        parts.append(Part(place, photo.labels[n], color.word if color else "", center))
    exact = np.stack([photo.masks[n] > 0.5 for n in picked])
    return RecoloredPhoto(name, number, to_u8(to_rgb(mixed)), write_photo_caption(rng, parts), exact, tuple(part.label for part in parts))


def _painted(rng: np.random.Generator, mixed: np.ndarray, lab: np.ndarray, soft: np.ndarray, color: NamedColor) -> np.ndarray:
    """Lab (H, W, 3) with a part in a color, its lightness kept."""
    painted = recolor(rng, lab, color, soft)
    return mixed + soft[..., None] * (painted - lab)
