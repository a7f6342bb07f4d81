"""Scenes whose colors are drawn anew each time they are seen, while their lightness and its features stay.

A sketch is what a composed scene of uncolored objects needs for that: for each of its objects and its background, on cells of
4 px, how much of a cell it covers, how much chroma its lightness leaves room for, and its own chroma. A draw gives objects named
colors, describes them, and returns the mean chroma of each cell: so no color can be guessed from a scene that was seen before,
and drawing costs next to nothing beside composing.

The rows of `sketches.jsonl` are objects ({"objects": […], "captions": null}) or, for whole photos, which keep their colors, fixed
captions. Beside it stand `rooms.npy` (N, P, S/4, S/4) uint8, `chroma.npy` (N, P, 2, S/4, S/4) float16 in Lab units, both already
multiplied by coverage, and `light.npy` (N, S/4, S/4) uint8, L.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lcad.dataset import Description, Example, Grounded
from lcad.training.luminance import ANCHOR_CHROMA
from lcad.training.packed_dataset import CELL, MOST_MASKS, Drawn, Pack, write_pack
from pipelines.composing.captions import Caption, Subject, draw_noun, write_caption
from pipelines.composing.recoloring import NamedColor, draw_color, largest_chroma, room_for_chroma, to_lab
from pipelines.composing.scenes import Scene

RECOLORED, TINTED = 0.9, 0.95  # the share of objects, and of tinted backgrounds, that get a drawn color
NATURAL_SHARE = 0.15  # scenes in which every object keeps its own colors
LEVELS, LEVEL_SHARES = ("complete", "partial", "scarce"), (0.7, 0.2, 0.1)
ANCHOR_PARTS = 2  # latents are the chroma of 2 × 2 parts of a cell, see lcad.training.luminance


@dataclass(frozen=True)
class SketchedObject:
    """An object or background of a sketch: what it is called, its own basic terms, its middle in [0, 1], its median L, and
    whether its color may be drawn (a photo behind the objects keeps its own)."""

    label: str
    count: int
    own_terms: tuple[str, ...]
    center: tuple[float, float]
    lightness: float
    background: bool
    drawable: bool


def _averaged(planes: np.ndarray) -> np.ndarray:
    """Planes (…, S, S) averaged over cells, (…, S/4, S/4)."""
    *lead, height, width = planes.shape
    return planes.reshape(*lead, height // CELL, CELL, width // CELL, CELL).mean((-3, -1))


def sketch_of(scene: Scene) -> tuple[list[SketchedObject], dict[str, np.ndarray]]:
    """The objects of a scene composed without recoloring, and its arrays: rooms (P, …), chroma (P, 2, …), light."""
    lab = to_lab(scene.rgb)
    objects = []
    for one, mask in zip(scene.objects, scene.masks, strict=True):
        rows, columns = np.nonzero(mask if mask.any() else ~mask)
        middle = float(columns.mean() / mask.shape[1]), float(rows.mean() / mask.shape[0])
        drawable = bool(one.color) if one.background else True
        median = float(np.median(lab[..., 0][mask])) if mask.any() else 50.0
        objects.append(SketchedObject(one.label, one.count, one.color_words, middle, median, one.background, drawable))
    masks = np.zeros((MOST_MASKS, *lab.shape[:2]), np.float32)
    masks[: len(scene.masks)] = scene.masks[:MOST_MASKS]
    rooms = _averaged(masks * room_for_chroma(lab[..., 0]))
    chroma = _averaged(masks[:, None] * lab[..., 1:].transpose(2, 0, 1))
    return objects, {"rooms": (rooms * 255).round(), "chroma": chroma, "light": _averaged(lab[..., 0])}


def write_recolorable(folder: str | Path, scenes: Iterable[Scene], count: int, size: int) -> "RecolorablePack":
    """Write a pack of scenes without recolored objects, and of whole photos (scenes without a background), with their sketches."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    cells = size // CELL
    kinds = {"rooms": (np.uint8, (MOST_MASKS,)), "chroma": (np.float16, (MOST_MASKS, 2)), "light": (np.uint8, ())}
    arrays = {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, (count, *lead, cells, cells))
        for name, (kind, lead) in kinds.items()
    }
    lines = []

    def examples() -> Iterable[Example]:
        for i, scene in zip(range(count), scenes, strict=False):
            objects, planes = sketch_of(scene)
            for name, plane in planes.items():
                arrays[name][i] = plane
            photo = not any(one.background for one in objects)
            lines.append(json.dumps({"objects": [asdict(one) for one in objects], "photo": photo}))
            yield Example(scene.rgb, scene.masks, tuple(described(caption) for caption in scene.captions))

    write_pack(folder, examples(), count, size)
    for array in arrays.values():
        array.flush()
    (folder / "sketches.jsonl").write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return RecolorablePack(folder)


def _sketch(line: str) -> tuple[tuple[SketchedObject, ...], bool]:
    """The objects of a line of `sketches.jsonl`, and whether it is a photo."""
    row = json.loads(line)
    for one in row["objects"]:
        one["own_terms"], one["center"] = tuple(one["own_terms"]), tuple(one["center"])
    return tuple(SketchedObject(**one) for one in row["objects"]), row["photo"]


def described(caption: Caption) -> Description:
    """A written caption as the description of an example."""
    return Description(caption.text, caption.level, tuple(Grounded(p.start, p.end, p.subject) for p in caption.phrases))


class RecolorablePack(Pack):
    """A pack that draws new colors and a caption for them each time. Raises ValueError when the folder holds no sketches."""

    stored = ("features",)

    def __init__(self, folder: str | Path):
        super().__init__(folder)
        listing = self.folder / "sketches.jsonl"
        if not listing.is_file():
            raise ValueError(f"{self.folder} holds no sketches: sketches.jsonl is missing")
        self.rooms, self.chroma, self.light = (np.load(self.folder / f"{name}.npy", mmap_mode="r") for name in ("rooms", "chroma", "light"))
        self.sketches = [_sketch(line) for line in listing.read_text(encoding="utf-8").splitlines()]

    def figure(self, item: int) -> np.ndarray | None:
        """How much of each cell is an object, (S/4, S/4) float32 in [0, 1]; None for a photo."""
        objects, photo = self.sketches[item]
        if photo:
            return None
        things = [p for p, one in enumerate(objects[:MOST_MASKS]) if not one.background]
        return (self.coverage[item, things].astype(np.float32) / 255).sum(0).clip(0, 1)

    def draw(self, item: int, rng: np.random.Generator) -> Drawn:
        """New colors and a caption for a scene; a photo has its own colors and one of its captions."""
        objects, photo = self.sketches[item]
        chroma = np.array(self.chroma[item], np.float32)
        if photo:
            options = self.descriptions[item]
            description = options[int(rng.integers(len(options)))]
            fallback = to_lab(np.array(self.rgb[item]))[..., 1:].transpose(2, 0, 1)
            return self._drawn(item, _averaged(fallback), description)
        colors = draw_colors(rng, objects)
        light = np.array(self.light[item], np.float32)
        for p, color in enumerate(colors[:MOST_MASKS]):
            if color is not None:
                muted = rng.uniform(0.4, 0.95) if objects[p].background else 1.0
                chroma[p] = painted(rng, color, muted, np.array(self.rooms[item, p]) / 255, np.array(self.coverage[item, p]) / 255, light)
        level = str(rng.choice(LEVELS, p=LEVEL_SHARES))
        caption = write_caption(rng, [subject_of(rng, one, color) for one, color in zip(objects, colors, strict=True)], level)
        return self._drawn(item, chroma.sum(0), described(caption))

    def _drawn(self, item: int, chroma: np.ndarray, description: Description) -> Drawn:
        return Drawn(self.latents_of(chroma), np.array(self.features[item], np.float32), np.array(self.coverage[item]), description)

    def latents_of(self, chroma: np.ndarray) -> np.ndarray:
        """Anchored latents (2·k², h, w) of the mean chroma (2, S/4, S/4) of parts of cells, as the encoder gives them."""
        parts = ANCHOR_PARTS
        shape = (2, chroma.shape[1] // parts, parts, chroma.shape[2] // parts, parts)
        cells = chroma.reshape(shape).transpose(0, 2, 4, 1, 3).reshape(2 * parts**2, shape[1], shape[3])
        return (cells * (self.scaling_factor / ANCHOR_CHROMA)).astype(np.float32)


def draw_colors(rng: np.random.Generator, objects: tuple[SketchedObject, ...]) -> list[NamedColor | None]:
    """A color for each object, None for those that keep their own."""
    natural = rng.random() < NATURAL_SHARE
    return [
        draw_color(rng, one.lightness)
        if one.drawable and rng.random() < (TINTED if one.background else 0.0 if natural else RECOLORED)
        else None
        for one in objects
    ]


def painted(
    rng: np.random.Generator, color: NamedColor, muted: float, room: np.ndarray, coverage: np.ndarray, light: np.ndarray
) -> np.ndarray:
    """Chroma (2, h, w) that an object in a color gives to each cell: room, coverage (h, w) in [0, 1], light (h, w) L."""
    hue = (color.hue + color.hue_deviation * np.clip(rng.standard_normal(), -2, 2)) % 360
    chroma = max(0.0, color.chroma + color.chroma_deviation * np.clip(rng.standard_normal(), -2, 2)) * rng.uniform(0.8, 1.0) * muted
    reach = np.minimum(chroma * room, coverage * 0.97 * largest_chroma(light, hue))
    return np.stack([reach * np.cos(np.radians(hue)), reach * np.sin(np.radians(hue))]).astype(np.float32)


def subject_of(rng: np.random.Generator, one: SketchedObject, color: NamedColor | None) -> Subject:
    """What a caption can say of a sketched object in a drawn color, or in its own."""
    own = " and ".join(one.own_terms)
    word = own if color is None else color.word
    if not one.background:
        return Subject(draw_noun(rng, one.label), one.count, word, one.center)
    if color is not None or rng.random() < 0.4:
        return Subject("background", 1, word, one.center, background=True)
    return Subject(one.label, 1, "", one.center, background=True)
