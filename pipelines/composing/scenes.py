"""Composed scenes: cut-outs recolored by name and placed on photos or tinted backgrounds, with exact masks.

Everything is a pure function of a `numpy.random.Generator` and arrays: the same seed and inputs give the same scene.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pipelines.composing.captions import LEVELS, Caption, Subject, draw_noun, plural, write_caption
from pipelines.composing.recoloring import COLORS, color_words, draw_color, recolor, to_lab, to_rgb, to_u8

SEEN = 0.5  # an object's mask is where at least this part of the pixel is its own
LEAST_AREA = 0.004  # objects that show less of the picture than this are left out
RELIT = 0.4  # the share of objects whose lightness is bent, so that few cut-outs look like many


@dataclass(frozen=True)
class Cutout:
    """An object without its surroundings: rgba (H, W, 4) uint8 with straight alpha, and what it is called."""

    rgba: np.ndarray
    label: str


@dataclass(frozen=True)
class Backdrop:
    """A picture to stand behind objects: rgb (H, W, 3) uint8, and what it shows ("" when nobody knows)."""

    rgb: np.ndarray
    label: str = ""


@dataclass(frozen=True)
class SceneObject:
    """What a mask of a scene shows: label, how many, the color word and basic terms (of its own colors when not recolored)."""

    label: str
    count: int
    color: str
    color_words: tuple[str, ...]
    background: bool = False


@dataclass(frozen=True)
class Scene:
    """rgb (S, S, 3) uint8, masks (N, S, S) bool in the order of `objects`, captions whose phrases' `subject` is that index."""

    rgb: np.ndarray
    masks: np.ndarray
    objects: tuple[SceneObject, ...]
    captions: tuple[Caption, ...]


@dataclass
class _Placed:
    """One cut-out on the canvas: straight Lab, alpha in [0, 1], the corner (x, y), and which group of subjects it belongs to."""

    lab: np.ndarray
    alpha: np.ndarray
    corner: tuple[int, int]
    group: int


def cutout_from_region(rgb: np.ndarray, mask: np.ndarray, label: str) -> Cutout:
    """The cut-out of a library's own region: rgb (H, W, 3) uint8, mask (H, W) bool; the edge is softened by one pixel.

    Raises ValueError when the mask is empty or of another size.
    """
    if mask.shape != rgb.shape[:2]:
        raise ValueError(f"the mask of {label!r} is {mask.shape}, its image {rgb.shape[:2]}")
    if not mask.any():
        raise ValueError(f"the mask of {label!r} is empty")
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = np.minimum(cv2.GaussianBlur(mask.astype(np.float32), (3, 3), 0) * 1.2, 1)[box] * mask[box]
    return Cutout(np.dstack([rgb[box], (alpha * 255).round().astype(np.uint8)]), label)


def draw_background(rng: np.random.Generator, backdrop: Backdrop, size: int) -> tuple[np.ndarray, str]:
    """A square of a backdrop, as it is or blurred and tinted: rgb (size, size, 3) uint8 and the tint's word ("" without one)."""
    height, width = backdrop.rgb.shape[:2]
    shorter = min(height, width)
    side = int(rng.integers(min(size, shorter), shorter + 1))
    y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
    rgb = cv2.resize(
        backdrop.rgb[y : y + side, x : x + side], (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    )
    if rng.random() < 0.5:
        rgb = rgb[:, ::-1].copy()
    if rng.random() < 0.5:
        return rgb, ""
    lab = cv2.GaussianBlur(to_lab(rgb), (0, 0), float(rng.uniform(0.1, 6)))
    lab[..., 0] = np.clip(rng.uniform(0.35, 0.7) * lab[..., 0] + rng.uniform(8, 45), 3, 97)
    color = draw_color(rng, float(np.median(lab[..., 0])))
    muted = replace(color, chroma=color.chroma * rng.uniform(0.4, 0.95))
    return to_u8(to_rgb(recolor(rng, lab, muted))), color.word


def _transformed(rng: np.random.Generator, rgba: np.ndarray, box: tuple[float, float], most_degrees: float) -> np.ndarray:
    """The cut-out flipped, turned and scaled to fit a box (width, height) in pixels: (h, w, 4) uint8, straight alpha."""
    if rng.random() < 0.5:
        rgba = rgba[:, ::-1]
    angle = float(rng.uniform(-most_degrees, most_degrees))
    height, width = rgba.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    turned = (width * cosine + height * sine, width * sine + height * cosine)
    scale = min(box[0] / turned[0], box[1] / turned[1])
    out = max(8, int(turned[0] * scale)), max(8, int(turned[1] * scale))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    turn[:, 2] += np.array(out) / 2 - np.array([width, height]) / 2
    premultiplied = rgba.astype(np.float32)
    premultiplied[..., :3] *= premultiplied[..., 3:] / 255
    if scale < 0.7:  # warpAffine does not average, so blur what would alias
        premultiplied = cv2.GaussianBlur(premultiplied, (0, 0), 0.35 / scale)
    warped = cv2.warpAffine(premultiplied, turn, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    warped[..., :3] /= np.maximum(warped[..., 3:] / 255, 1e-3)
    return np.clip(warped, 0, 255).astype(np.uint8)


def _boxes(rng: np.random.Generator, count: int, size: int) -> list[tuple[float, float, float, float]]:
    """Boxes (x, y, width, height) in pixels for `count` objects: side by side, or anywhere with overlaps."""
    if rng.random() < 0.6:
        edges = np.linspace(0, size, count + 1) + np.concatenate([[0], rng.uniform(-0.05, 0.05, count - 1) * size, [0]])
        tall = size * rng.uniform(0.45, 0.85, count)
        tops = [float(rng.uniform(0, size - height)) if rng.random() < 0.5 else float((size - height) / 2) for height in tall]
        margin = size * rng.uniform(0, 0.03)
        return [(a + margin, top, b - a - 2 * margin, h) for a, b, top, h in zip(edges, edges[1:], tops, tall, strict=False)]
    sides = size * rng.uniform(0.28, 0.8 if count == 1 else 0.6, (count, 2))
    corners = rng.uniform(-0.08, 1.0, (count, 2)) * (size * 1.08 - sides)
    return [(float(x), float(y), float(w), float(h)) for (x, y), (w, h) in zip(corners, sides, strict=True)]


def _relit(rng: np.random.Generator, lab: np.ndarray) -> np.ndarray:
    """The object's Lab with its lightness bent by a power and, rarely, turned around; or as it is."""
    if rng.random() >= RELIT:
        return lab
    lab, light = lab.copy(), np.clip(lab[..., 0] / 100, 0, 1)
    light = 1 - light if rng.random() < 0.15 else light
    lab[..., 0] = np.clip(100 * light ** rng.uniform(0.6, 1.6), 4, 96)
    return lab


def _matched(rng: np.random.Generator, lab: np.ndarray, canvas: np.ndarray) -> np.ndarray:
    """The object's Lab with the sharpness and noise of its surroundings (canvas, Lab)."""
    light = canvas[..., 0]
    detail = cv2.Laplacian(light, cv2.CV_32F)
    if detail.std() < 3 and rng.random() < 0.5:
        lab = cv2.GaussianBlur(lab, (0, 0), float(rng.uniform(0.4, 0.9)))
    noise = min(float(np.median(np.abs(detail))) / 6, 2.0)  # median absolute Laplacian of white noise: about 3 of its deviations
    if rng.random() < 0.5:
        lab = lab.copy()
        lab[..., 0] = np.clip(lab[..., 0] + noise * rng.standard_normal(lab.shape[:2]).astype(np.float32), 0, 100)
    return lab


def _window(placed: _Placed, size: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The parts of canvas and cut-out that overlap, as (canvas rows and columns, cut-out rows and columns)."""
    (x, y), (height, width) = placed.corner, placed.alpha.shape
    top, left, bottom, right = max(0, y), max(0, x), min(size, y + height), min(size, x + width)
    return np.s_[top:bottom, left:right], np.s_[top - y : bottom - y, left - x : right - x]


def _cast_shadow(rng: np.random.Generator, canvas: np.ndarray, placed: _Placed) -> None:
    """Darken the canvas (S, S, 3) sRGB float under and beside an object, softly, in place."""
    size = canvas.shape[0]
    target, here = _window(placed, size)
    shadow = np.zeros((size, size), np.float32)
    shadow[target] = placed.alpha[here]
    shift = np.array([[1, 0, rng.uniform(-0.06, 0.06) * size], [0, 1, rng.uniform(0, 0.06) * size]], np.float32)
    shadow = cv2.GaussianBlur(cv2.warpAffine(shadow, shift, (size, size)), (0, 0), float(rng.uniform(0.015, 0.04)) * size)
    canvas *= 1 - float(rng.uniform(0.15, 0.5)) * shadow[..., None]


def _place(
    rng: np.random.Generator, cutouts: Sequence[Cutout], background: np.ndarray, count: int, recolored: float
) -> tuple[list[_Placed], list[tuple[str, int, str]]]:
    """Cut-outs on their places in painting order, and each group's (label, how many, color word)."""
    size = background.shape[0]
    repeated = count > 1 and rng.random() < 0.2
    kinds = list(rng.choice(len(cutouts), count - int(repeated), replace=len(cutouts) < count))
    groups = [*range(len(kinds)), len(kinds) - 1][:count]
    if repeated and plural(cutouts[kinds[-1]].label) is None:
        groups = groups[: len(kinds)]
    canvas, placed, named = to_lab(background), [], []
    most_degrees = 0.0 if rng.random() < 0.5 else 30.0
    colors: dict[int, str] = {}
    for group, (x, y, width, height) in zip(groups, _boxes(rng, len(groups), size), strict=True):
        cutout = cutouts[kinds[group]]
        rgba = _transformed(rng, cutout.rgba, (width, height), most_degrees)
        lab, alpha = to_lab(rgba[..., :3]), rgba[..., 3].astype(np.float32) / 255
        if group not in colors:
            solid = lab[..., 0][alpha > SEEN]
            drawn = draw_color(rng, float(np.median(solid)) if solid.size else 50.0).word
            colors[group] = drawn if rng.random() < recolored else ""
            named.append((cutout.label, groups.count(group), colors[group]))
        lab = _matched(rng, _relit(rng, lab), canvas)
        if colors[group]:
            lab = recolor(rng, lab, COLORS[colors[group]], alpha)
        middle = int(x + (width - rgba.shape[1]) / 2), int(y + (height - rgba.shape[0]) / 2)
        placed.append(_Placed(lab, alpha, middle, group))
    return [placed[i] for i in rng.permutation(len(placed))], named


def _paint(rng: np.random.Generator, background: np.ndarray, placed: Sequence[_Placed], groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The picture (S, S, 3) uint8 and the visible coverage of each group (groups, S, S) float in [0, 1]."""
    size = background.shape[0]
    canvas, coverage = background.astype(np.float32) / 255, np.zeros((groups, size, size), np.float32)
    shadows = rng.random() < 0.4
    for one in placed:
        target, here = _window(one, size)
        if shadows:
            _cast_shadow(rng, canvas, one)
        alpha = one.alpha[here]
        canvas[target] = canvas[target] * (1 - alpha[..., None]) + to_rgb(one.lab)[here] * alpha[..., None]
        coverage[(slice(None), *target)] *= 1 - alpha
        coverage[(one.group, *target)] += alpha
    return to_u8(canvas), coverage


def _own_terms(lab: np.ndarray, mask: np.ndarray) -> tuple[str, ...]:
    """The one or two basic terms that cover most of a mask of Lab (S, S, 3)."""
    names, counts = np.unique(color_words(lab)[mask], return_counts=True)
    ranked = sorted(zip(counts, names, strict=True), reverse=True)[:2]
    return tuple(str(name) for count, name in ranked if count > 0.3 * mask.sum()) or (str(ranked[0][1]),)


def _center(mask: np.ndarray) -> tuple[float, float]:
    """The center of mass (x, y) of a mask in [0, 1]."""
    rows, columns = np.nonzero(mask)
    return float(columns.mean() / mask.shape[1]), float(rows.mean() / mask.shape[0])


def compose_scene(
    rng: np.random.Generator,
    cutouts: Sequence[Cutout],
    backgrounds: Sequence[Backdrop],
    count: int,
    size: int = 128,
    levels: Sequence[str] = LEVELS,
    recolored: float = 0.88,
) -> Scene:
    """A scene of up to `count` (1 to 4) objects with one caption an entry of `levels`; objects hidden by others are left out.

    `recolored`: the share of objects that get a drawn color; the others keep their own and are named by their basic terms.
    The last of `objects` is the background, whose mask is what no object covers. Raises ValueError without cut-outs or
    backgrounds, or for another count.
    """
    if not cutouts or not backgrounds:
        raise ValueError(f"a scene needs cut-outs and backgrounds, got {len(cutouts)} and {len(backgrounds)}")
    if not 1 <= count <= 4:
        raise ValueError(f"a scene has 1 to 4 objects, got {count}")
    backdrop = backgrounds[int(rng.integers(len(backgrounds)))]
    ground, tint = draw_background(rng, backdrop, size)
    masks = np.zeros(0)
    while not (masks.any() and (masks.mean((1, 2)) >= LEAST_AREA).any()):  # drawn again when nothing of the objects is in the picture
        placed, named = _place(rng, cutouts, ground, count, recolored)
        rgb, coverage = _paint(rng, ground, placed, len(named))
        masks = coverage >= SEEN
    lab = to_lab(rgb)
    objects = [
        SceneObject(label, many, color, (COLORS[color].basic,) if color else _own_terms(lab, mask))
        for (label, many, color), mask in zip(named, masks, strict=True)
        if mask.mean() >= LEAST_AREA
    ]
    masks = np.concatenate([masks[masks.mean((1, 2)) >= LEAST_AREA], ~(coverage.sum(0) >= SEEN)[None]])
    noun = "background" if tint or not backdrop.label else backdrop.label
    objects.append(SceneObject(noun, 1, tint, (COLORS[tint].basic,) if tint else _own_terms(lab, masks[-1]), background=True))
    return Scene(rgb, masks, tuple(objects), _describe(rng, objects, masks, levels))


def _describe(rng: np.random.Generator, objects: Sequence[SceneObject], masks: np.ndarray, levels: Sequence[str]) -> tuple[Caption, ...]:
    """One caption a level, of which those that turn out alike are given once."""
    subjects = [_subject(rng, one, mask) for one, mask in zip(objects, masks, strict=True) if mask.any()]
    drawn_captions = [write_caption(rng, subjects, level) for level in levels]
    return tuple({caption.text: caption for caption in drawn_captions}.values())


def _subject(rng: np.random.Generator, one: SceneObject, mask: np.ndarray) -> Subject:
    """What a caption can say of an object or background: a photo is named by its label or as a background of its own colors."""
    own = " and ".join(one.color_words)
    if not one.background:
        return Subject(draw_noun(rng, one.label), one.count, one.color or own, _center(mask))
    if one.color or rng.random() < 0.4:
        return Subject("background", 1, one.color or own, _center(mask), background=True)
    return Subject(one.label, 1, "", _center(mask), background=True)
