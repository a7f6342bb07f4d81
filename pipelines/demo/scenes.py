"""The demo's scenes: the photos' own objects and rendered solids in named colors, with exact masks and captions written by hand.

`scenes.jsonl` describes each scene: a background (part of a photo, or a studio of a wall and a floor), layers from back to front, and
captions by level. Positions and lengths are parts of the canvas's side, boxes are pixels of the photo. The same size always gives the
same picture.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from pipelines.composing.recoloring import to_lab, to_rgb, to_u8
from pipelines.demo.captions import Caption, parse_captions
from pipelines.demo.gathered import Gathered
from pipelines.demo.outlines import coverage
from pipelines.demo.painting import Frame, Layer, blurred, cutout_layer, resized, resized_rgb, shadow_of, solid_layer, studio, tinted
from pipelines.demo.photos import DemoPhoto, DemoRegion, demo_photos
from pipelines.demo.studios import studio_row

OWN_LICENSE = "Apache-2.0 (made by this project)"


@dataclass(frozen=True)
class DemoScene:
    """A composed picture: rgb (S, S, 3) uint8, its captions, its things with masks (S, S), and which color word each was given."""

    name: str
    rgb: np.ndarray
    captions: tuple[Caption, ...]
    regions: tuple[DemoRegion, ...]
    colors: dict[str, str]
    license: str
    source: str
    tags: tuple[str, ...]
    shown: tuple[str, ...] = ()
    """The photos whose own things stand in it: with them it may not be torn between the splits of a release."""


def demo_scenes(size: int = 256, studios: int = 0) -> Gathered[DemoScene]:
    """All scenes and so many of `studios`, squares of `size` pixels; a scene whose photo is missing is left out with the reason."""
    photos = demo_photos()
    rows = [json.loads(line) for line in files("pipelines.demo").joinpath("scenes.jsonl").read_text(encoding="utf-8").splitlines()]
    rows += map(studio_row, range(studios))
    made, missing = [], []
    for row in rows:
        parts = {name: photo for name in photo_names(row) if (photo := photos.named(name)) is not None}
        absent = sorted(set(photo_names(row)) - parts.keys())
        if absent:
            missing.append(f"{row['name']}: needs the photo {', '.join(absent)}, which is missing")
        else:
            made.append(_scene(row, parts, size))
    return Gathered(tuple(made), tuple(missing))


def photo_names(row: dict) -> list[str]:
    """The photos of which a scene's description uses a part."""
    background = row["background"]
    used = [background.get("photo"), background.get("floor_photo"), *(layer["cutout"][0] for layer in row["layers"] if "cutout" in layer)]
    return sorted({name for name in used if name})


def photos_shown(row: dict) -> tuple[str, ...]:
    """The photos of which a scene's description shows a thing, and not just a stretch of background."""
    cut = {layer["cutout"][0] for layer in row["layers"] if "cutout" in layer}
    traced = {row["background"]["photo"] for part in row["background"].get("regions", ()) if "shape" in part}
    return tuple(sorted(cut | traced))


def _scene(row: dict, photos: dict[str, DemoPhoto], size: int) -> DemoScene:
    canvas = _background(row, photos, size)
    visible: dict[str, np.ndarray] = {}
    for spec in row["layers"]:
        layer = _layer(spec, row, photos, size)
        if strength := spec.get("shadow", 0.0 if spec.get("in_place") else 0.5):
            canvas *= 1 - shadow_of(layer.alpha, strength)[..., None]
        alpha = layer.alpha
        canvas = canvas * (1 - alpha[..., None]) + layer.rgb * alpha[..., None]
        visible = {name: seen * (1 - alpha) for name, seen in visible.items()}
        visible[spec["region"]] = visible.get(spec["region"], 0) + alpha
    things = [DemoRegion(name, _nouns(row, name), seen > 0.5) for name, seen in visible.items()]
    things += _background_regions(row, photos, size, np.sum(list(visible.values()), axis=0) > 0.5)
    colors = {part["region"]: part["color"] for part in [*row["layers"], *row["background"].get("regions", ())] if part.get("color")}
    return DemoScene(
        row["name"], to_u8(canvas), parse_captions(row["captions"]), tuple(things), colors, *_rights(photos), tuple(row["tags"]),
        photos_shown(row),
    )  # fmt: skip


def _background(row: dict, photos: dict[str, DemoPhoto], size: int) -> np.ndarray:
    """The picture behind the layers, (size, size, 3) float32 in [0, 1]."""
    spec = row["background"]
    if "photo" in spec:
        lab = to_lab(photos[spec["photo"]].rgb)
        rgb = resized_rgb(to_rgb(tinted(lab, spec.get("color", ""), np.ones(lab.shape[:2]))), size, size, tuple(spec["box"]))
        radius = spec.get("blur", 0) * size
        return np.dstack([blurred(rgb[..., i], radius) for i in range(3)]) if radius else rgb
    floor = None
    if "floor_photo" in spec:
        lab = to_lab(photos[spec["floor_photo"]].rgb)
        rows = size - round(spec["horizon"] * size)
        floor = resized_rgb(to_rgb(lab), size, rows, tuple(spec["floor_box"]))
    return studio(spec, size, floor)


def _layer(spec: dict, row: dict, photos: dict[str, DemoPhoto], size: int) -> Layer:
    """One layer of a scene, in the paint that gives its color word the best look."""
    color = spec.get("paint", spec.get("color", ""))
    if "solid" in spec:
        return solid_layer(spec, color, size)
    photo, shape = photos[spec["cutout"][0]], spec["cutout"][1]
    height, width = photo.rgb.shape[:2]
    cover = coverage(photo.name, shape, width, height)
    frame = _in_place(row, size) if spec.get("in_place") else _frame(cover, spec, size)
    return cutout_layer(photo.rgb, cover, color, size, spec.get("gamma", 1.0), frame)


def _in_place(row: dict, size: int) -> Frame:
    """Where a shape stands in the photo that is the scene's background."""
    left, top, right, bottom = row["background"]["box"]
    return (left, top, right, bottom), (0, 0, size, size)


def _frame(cover: np.ndarray, spec: dict, size: int) -> Frame:
    """The part of the photo around a shape, and where it goes so that the middle of its lower edge lies at `at`."""
    rows, columns = np.flatnonzero(cover.any(1)), np.flatnonzero(cover.any(0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    tall = max(1, round(spec["height"] * size))
    wide = max(1, round(tall * (right - left) / (bottom - top)))
    x, y = spec["at"]
    return (left, top, right, bottom), (round(x * size - wide / 2), round(y * size - tall), wide, tall)


def _background_regions(row: dict, photos: dict[str, DemoPhoto], size: int, covered: np.ndarray) -> list[DemoRegion]:
    """What is seen of the wall, the floor or a shape of the background's photo."""
    spec, regions = row["background"], []
    for part in spec.get("regions", ()):
        area = np.ones((size, size), bool)
        if "shape" in part:
            photo = photos[spec["photo"]]
            height, width = photo.rgb.shape[:2]
            area = resized(coverage(photo.name, part["shape"], width, height), size, size, tuple(spec["box"])) > 0.5
        elif part.get("part"):
            horizon = round(spec["horizon"] * size)
            area[(slice(horizon, None) if part["part"] == "wall" else slice(None, horizon))] = False
        regions.append(DemoRegion(part["region"], tuple(part["nouns"]), area & ~covered))
    return regions


def _nouns(row: dict, region: str) -> tuple[str, ...]:
    return tuple(next(layer["nouns"] for layer in row["layers"] if layer["region"] == region and "nouns" in layer))


def _rights(photos: dict[str, DemoPhoto]) -> tuple[str, str]:
    """License and source of a scene: its own, and those of the photos that it shows parts of."""
    license_text = "; ".join([OWN_LICENSE, *(f"{name}: {photo.license}" for name, photo in photos.items())])
    return license_text, "; ".join(["composed", *(f"{name}: {photo.source}" for name, photo in photos.items())])
