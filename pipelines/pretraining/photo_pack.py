"""Packs of real photos whose parts get new colors each time they are seen: scenes made in place.

A view of a photo is a square with up to MOST_MASKS − 1 parts, and people as one more phrase without a color. As in
`pipelines.pretraining.recolored_pack` its lightness and features stay, and a draw gives the mean chroma of cells of 4 px: parts that a
caption names in a color have that color with some of their own variation, everything else has its own.

rooms.npy (N, P, S/4, S/4) uint8, chroma.npy (N, P, 2, S/4, S/4) float16: as there, multiplied by coverage
rest.npy (N, 2, S/4, S/4) float16: the chroma of what is no part; light.npy (N, S/4, S/4) uint8, L
objects.jsonl: line i lists the parts of view i, {"label", "own_terms", "center", "count", "where", "lightness"}
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lcad.dataset import Description
from lcad.training.packed_dataset import CELL, MOST_MASKS, Drawn, Pack
from pipelines.composing.photo_captions import Part, write_photo_caption
from pipelines.composing.photo_parts import LabeledPhoto, square_of
from pipelines.composing.photo_words import kind_of
from pipelines.composing.recoloring import (
    ACHROMATIC,
    COLORS,
    NamedColor,
    color_words,
    draw_color,
    largest_chroma,
    room_for_chroma,
    to_lab,
)
from pipelines.pretraining.recolored_pack import LEVELS, RecolorablePack, described

LEAST_PART, LEAST_PIXELS, LEAST_PERSON = 0.012, 40, 0.03
PAIR_SHARE = 0.6  # of two things of a label that are told apart; the others are "two dogs"
APART = 0.12  # of the width between the middles of things that are told apart as left and right
RECOLORED, NATURAL_SHARE = 0.8, 0.22  # parts that get a drawn color, and views in which all keep theirs
LEVEL_SHARES = (0.68, 0.2, 0.12)
SILENT = {"person": 0.5, "ground": 0.3}  # parts that captions pass over, by kind
SILENT_ELSE = 0.12
PLAIN_DARK, PLAIN_LIGHT, PLAIN_SHARE = 22.0, 86.0, 0.35  # L at which black, and white, is said that often
PHOTOGRAPHED = (0.6, 1.0)  # chroma as a part of the color's own, where no word of STRENGTHS stands
TEXTURE = 0.35  # most of a part's own variation of chroma that stays


@dataclass(frozen=True)
class Strength:
    """A word before a color: how often it is said, chroma as a part of the color's own, and the L for which it can be said."""

    share: float
    chroma: tuple[float, float]
    lightness: tuple[float, float]


STRENGTHS = {
    "bright": Strength(0.05, (0.95, 1.2), (35, 101)),
    "vivid": Strength(0.01, (0.95, 1.2), (25, 101)),
    "neon": Strength(0.02, (1.1, 1.4), (45, 101)),
    "pale": Strength(0.04, (0.25, 0.45), (50, 101)),
    "light": Strength(0.05, (0.4, 0.65), (55, 101)),
    "dark": Strength(0.06, (0.5, 0.8), (0, 45)),
    "deep": Strength(0.02, (0.7, 1.0), (0, 50)),
    "dull": Strength(0.01, (0.2, 0.4), (15, 90)),
}


@dataclass(frozen=True)
class View:
    """A square of a photo: rgb (S, S, 3) uint8, its parts, and their soft masks (P, S, S); people come last and are no color's."""

    rgb: np.ndarray
    parts: list[dict[str, Any]]
    masks: np.ndarray


def view_of(rng: np.random.Generator, photo: LabeledPhoto, size: int) -> View | None:
    """A random view of a photo; None where it shows no part."""
    rgb, soft, person = square_of(rng, photo, size)
    lab, parts, masks = to_lab(rgb), [], []
    for label, mask, count in _grouped(rng, photo.labels, soft):
        inside = mask > 0.5
        if inside.sum() >= LEAST_PIXELS:
            parts.append(_described(label, lab, inside, count)), masks.append(mask)
    if not parts:
        return None
    for one in parts:
        others = [other for other in parts if other["label"] == one["label"] and other is not one]
        apart = len(others) == 1 and one["center"][0] - others[0]["center"][0]
        one["where"] = "" if not apart or abs(apart) < APART else "left" if apart < 0 else "right"
    if person.mean() > LEAST_PERSON:
        parts.append({**_described("person", lab, person, 1), "own_terms": [], "where": ""}), masks.append(person.astype(np.float32))
    return View(rgb, parts, np.stack(masks).astype(np.float32))


def _grouped(rng: np.random.Generator, labels: Sequence[str], masks: np.ndarray) -> list[tuple[str, np.ndarray, int]]:
    """Label, mask and number of things of the parts that are large enough: things before grounds, large before small."""
    by_label: dict[str, list[np.ndarray]] = defaultdict(list)
    for label, mask in zip(labels, masks, strict=True):
        by_label[label].append(mask)
    groups: list[tuple[str, np.ndarray, int]] = []
    for label, group in by_label.items():
        shown, thing = [mask for mask in group if mask.mean() >= LEAST_PART / 2], kind_of(label) == "thing"
        if thing and len(shown) == len(group) == 2 and rng.random() < PAIR_SHARE:
            groups += [(label, mask, 1) for mask in shown]
        else:
            groups.append((label, np.clip(sum(group), 0, 1), max(1, len(shown)) if thing else 1))
    large = [part for part in groups if part[1].mean() >= LEAST_PART]
    return sorted(large, key=lambda part: (kind_of(part[0]) == "ground", -part[1].mean()))[: MOST_MASKS - 1]


def _described(label: str, lab: np.ndarray, inside: np.ndarray, count: int) -> dict[str, Any]:
    rows, columns = np.nonzero(inside)
    names, counts = np.unique(color_words(lab)[inside], return_counts=True)
    ranked = sorted(zip(counts.tolist(), names.tolist(), strict=True), reverse=True)[:2]
    terms = [name for number, name in ranked if number > 0.3 * len(rows)] or [ranked[0][1]]
    middle = [float(columns.mean() / inside.shape[1]), float(rows.mean() / inside.shape[0])]
    return {"label": label, "own_terms": terms, "center": middle, "count": count, "lightness": float(np.median(lab[..., 0][inside]))}


def _averaged(planes: np.ndarray) -> np.ndarray:
    """Planes (…, S, S) averaged over cells, (…, S/4, S/4)."""
    *lead, height, width = planes.shape
    return planes.reshape(*lead, height // CELL, CELL, width // CELL, CELL).mean((-3, -1))


def write_photo_pack(folder: Path, views: Iterator[View], count: int, size: int) -> "PhotoPack":
    """Write a pack of `count` views; the captions' file comes last, so a pack without it is unfinished."""
    folder.mkdir(parents=True, exist_ok=True)
    cells = size // CELL
    kinds = {
        "rooms": (np.uint8, (MOST_MASKS, cells, cells)), "chroma": (np.float16, (MOST_MASKS, 2, cells, cells)),
        "rest": (np.float16, (2, cells, cells)), "light": (np.uint8, (cells, cells)),
        "coverage": (np.uint8, (MOST_MASKS, cells, cells)), "rgb": (np.uint8, (size, size, 3)),
    }  # fmt: skip
    arrays = {name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", kind, (count, *rest)) for name, (kind, rest) in kinds.items()}
    lines = []
    for i, view in zip(range(count), views, strict=False):
        lab = to_lab(view.rgb)
        every = np.zeros((MOST_MASKS, size, size), np.float32)
        every[: len(view.masks)] = view.masks
        colored = every * np.array([p < len(view.parts) and view.parts[p]["label"] != "person" for p in range(MOST_MASKS)])[:, None, None]
        ab = lab[..., 1:].transpose(2, 0, 1)
        arrays["rgb"][i], arrays["light"][i] = view.rgb, _averaged(lab[..., 0])
        arrays["coverage"][i] = (_averaged(every) * 255).round()
        arrays["rooms"][i] = (_averaged(colored * room_for_chroma(lab[..., 0])) * 255).round()
        arrays["chroma"][i] = _averaged(colored[:, None] * ab)
        arrays["rest"][i] = _averaged(ab * (1 - colored.sum(0)).clip(0, 1))
        lines.append(json.dumps(view.parts) + "\n")
    if len(lines) < count:
        raise ValueError(f"{count} views were announced, {len(lines)} came")
    for array in arrays.values():
        array.flush()
    (folder / "objects.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "captions.jsonl").write_text("[]\n" * count, encoding="utf-8")  # drawn anew each time
    return PhotoPack(folder)


class PhotoPack(RecolorablePack):
    """Views of photos whose parts get new colors, and a caption for them, each time. Raises ValueError where the folder holds none."""

    def __init__(self, folder: str | Path):
        Pack.__init__(self, folder)
        listing = self.folder / "objects.jsonl"
        if not listing.is_file():
            raise ValueError(f"{self.folder} holds no views of photos: objects.jsonl is missing")
        self.rooms, self.chroma, self.light, self.rest = (
            np.load(self.folder / f"{name}.npy", mmap_mode="r") for name in ("rooms", "chroma", "light", "rest")
        )
        self.parts = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]

    def figure(self, item: int) -> np.ndarray | None:
        """None: what of a photo is an object is not known."""
        return None

    def draw(self, item: int, rng: np.random.Generator) -> Drawn:
        """A caption for some of a view's parts, and the view with the colors that it names."""
        parts = self._named(item, rng)
        chroma = np.array(self.chroma[item], np.float32)
        for part, paint in parts:
            if paint is not None and part.color:
                chroma[part.subject] = self._repainted(rng, item, part.subject, paint)
        description = described(write_photo_caption(rng, [part for part, _ in parts]))
        return self._drawn(item, chroma.sum(0) + np.array(self.rest[item], np.float32), description)

    def _named(self, item: int, rng: np.random.Generator) -> list[tuple[Part, "Paint | None"]]:
        """The parts that the caption names, with the paint of those that get a color; None keeps a part's own."""
        natural, level, painted = rng.random() < NATURAL_SHARE, str(rng.choice(LEVELS, p=LEVEL_SHARES)), []
        for p, one in enumerate(self.parts[item][:MOST_MASKS]):
            part = Part(p, one["label"], " and ".join(one["own_terms"]), tuple(one["center"]), one["count"], one.get("where", ""))
            paint = None
            if one["label"] != "person" and not natural and rng.random() < RECOLORED:
                paint = draw_paint(rng, one["lightness"])
                part = replace(part, color=paint.words)
            painted.append((part, paint))
        colored = [n for n, (part, _) in enumerate(painted) if part.color]
        if level == "partial" and len(colored) > 1:
            colored = rng.permutation(colored)[: int(rng.integers(1, len(colored)))].tolist()
        kept = [] if level == "scarce" else colored
        painted = [(part if n in kept else replace(part, color=""), paint) for n, (part, paint) in enumerate(painted)]
        spoken = [one for one in painted if rng.random() >= SILENT.get(kind_of(one[0].label), SILENT_ELSE)]
        return spoken or painted[:1]

    def _repainted(self, rng: np.random.Generator, item: int, p: int, paint: "Paint") -> np.ndarray:
        covered, room = (np.array(array[item, p], np.float32) / 255 for array in (self.coverage, self.rooms))
        own, light = np.array(self.chroma[item, p], np.float32), np.array(self.light[item], np.float32)
        return repainted(rng, paint, room, covered, light, own)

    def _drawn(self, item: int, chroma: np.ndarray, description: Description) -> Drawn:
        return Drawn(self.latents_of(chroma), np.array(self.features[item], np.float32), np.array(self.coverage[item]), description)


@dataclass(frozen=True)
class Paint:
    """A color as a caption says it, the color itself, and how much of its chroma."""

    words: str
    color: NamedColor
    strength: float


def draw_paint(rng: np.random.Generator, lightness: float) -> Paint:
    """A paint for a surface of a median L: black or white where it is so dark or light; with chroma as photos have it, unless words of
    strength ask for more or less."""
    if (lightness < PLAIN_DARK or lightness > PLAIN_LIGHT) and rng.random() < PLAIN_SHARE:
        word = "black" if lightness < PLAIN_DARK else "white"
        return Paint(word, COLORS[word], 1.0)
    color = draw_color(rng, lightness)
    if color.basic in ACHROMATIC:
        return Paint(color.word, color, 1.0)
    chance = rng.random()
    for word, strength in STRENGTHS.items():
        chance -= strength.share
        if chance < 0:
            low, high = strength.lightness
            if low <= lightness <= high:
                return Paint(f"{word} {color.word}", color, rng.uniform(*strength.chroma))
            break
    return Paint(color.word, color, rng.uniform(*PHOTOGRAPHED))


def repainted(
    rng: np.random.Generator, paint: Paint, room: np.ndarray, coverage: np.ndarray, light: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Chroma (2, h, w) that a part gives to cells in a paint: room, coverage (h, w) in [0, 1], light (h, w) L, own (2, h, w) chroma times
    coverage, of whose variation some stays."""
    color = paint.color
    hue = (color.hue + color.hue_deviation * np.clip(rng.standard_normal(), -2, 2)) % 360
    chroma = max(0.0, color.chroma + color.chroma_deviation * np.clip(rng.standard_normal(), -2, 2)) * paint.strength
    reach = np.minimum(chroma * room, coverage * 0.97 * largest_chroma(light, hue))
    mean = own.sum((1, 2)) / max(float(coverage.sum()), 1e-3)
    share = rng.uniform(0, TEXTURE) * (0.15 if color.basic in ACHROMATIC else 1.0)
    texture = np.clip(own - mean[:, None, None] * coverage, -25, 25) * share
    return (np.stack([reach * np.cos(np.radians(hue)), reach * np.sin(np.radians(hue))]) + texture).astype(np.float32)
