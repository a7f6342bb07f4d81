"""What people and teachers marked in photos, read from JSON lines, and made into marked views.

A folder of sources holds, beside the photos that it names by `file_name`:

    photos.jsonl              {"file_name", "source"}
    human_masks.jsonl         {"file_name", "size": [h, w], "masks": [{"label", "counts"}]}: people in clothes, outlined by people
    machine_labels.jsonl.gz   {"file_name", "size", "masks": grounds, "boxes": [{"label", "score", "box": [x, y, w, h]}]}
    things.jsonl              {"file_name", "size", "label", "box", "quality", "counts"}: boxes cut out (`teacher_masks`)
    captions.jsonl            {"file_name", "caption"}; may be missing, as may human_masks and things

`counts` are run lengths down the columns, beginning with zeros. The last tenth of each source's photos, by name, and of the photos with
human masks, are held out.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import PIL.Image

from lcad.imaging import lightness_of_image
from lcad.models.phrase_grounder import CELLS, SIDE
from pipelines.pretraining.grounding_targets import MarkedBox, MarkedView
from pipelines.pretraining.grounding_views import Layer, Pasted, View, box_on_canvas, mask_on_cells

HELD_OUT = 10  # one of so many
GOOD, FAIR, BY_GROUND = 0.5, 0.6, {"car": "car", "bed": "bed", "chair": "chair", "sofa": "sofa", "diningtable": "table"}
LEAST_SEEN = 0.25  # of a box that is still in the view
LEAST_FILLED = 0.3  # of a box by a ground of its name


@dataclass(frozen=True)
class Marked:
    """What is marked in one photo: masks (h, w) by label, boxes, things cut out, and captions."""

    name: str
    source: str
    grounds: list[dict] = field(default_factory=list)
    boxes: list[dict] = field(default_factory=list)
    clothes: list[dict] = field(default_factory=list)
    things: list[dict] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)


class GroundingSources:
    """The photos of a folder and what is marked in them."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        photos = list(self._rows("photos.jsonl"))
        if not photos:
            raise ValueError(f"{self.folder / 'photos.jsonl'} is missing or empty: expected a line for each photo")
        sources = {name: defaultdict(list) for name in ("grounds", "boxes", "clothes", "things", "captions")}
        for row in self._rows("machine_labels.jsonl.gz"):
            sources["grounds"][row["file_name"]], sources["boxes"][row["file_name"]] = row["masks"], row["boxes"]
        for row in self._rows("human_masks.jsonl"):
            sources["clothes"][row["file_name"]] = row["masks"]
        for row in self._rows("things.jsonl"):
            sources["things"][row["file_name"]].append(row)
        for row in self._rows("captions.jsonl"):
            sources["captions"][row["file_name"]].append(row["caption"])
        self.photos = {
            row["file_name"]: Marked(row["file_name"], row["source"], **{kind: rows[row["file_name"]] for kind, rows in sources.items()})
            for row in photos
        }

    def _rows(self, name: str) -> Iterator[dict]:
        path = self.folder / name
        if path.is_file():
            text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
            yield from (json.loads(line, object_hook=_with_arrays) for line in filter(None, text.splitlines()))

    @cached_property
    def held_out(self) -> set[str]:
        """The names of the photos that nothing is learned from."""
        groups: dict[str, list[str]] = defaultdict(list)
        for photo in self.photos.values():
            groups[photo.source].append(photo.name)
            if photo.clothes:
                groups["human masks"].append(photo.name)
        return {name for names in groups.values() for name in sorted(names)[-max(1, round(len(names) / HELD_OUT)) :]}

    def lightness(self, name: str) -> np.ndarray:
        """L (h, w) of a photo."""
        with PIL.Image.open(self.folder / name) as picture:
            return lightness_of_image(picture.convert("RGB"))

    def person(self, name: str) -> Pasted:
        """The person of a photo whose clothes are outlined, cut out along the outline of all of them."""
        lightness = self.lightness(name)
        parts = {mask["label"]: decode_counts(mask["counts"], lightness.shape) for mask in self.photos[name].clothes}
        whole = np.any(list(parts.values()), axis=0).astype(np.uint8)
        return Pasted(lightness, cv2.GaussianBlur(cv2.erode(whole, np.ones((3, 3))).astype(np.float32), (0, 0), 0.8), "person", parts)


def _with_arrays(row: dict) -> dict:
    """A row whose run lengths are an array: as a list of numbers they are eight times as large."""
    return row | {"counts": np.asarray(row["counts"], np.int32)} if "counts" in row else row


def decode_counts(counts: Sequence[int], size: Sequence[int]) -> np.ndarray:
    """The mask (h, w) bool of run lengths down the columns."""
    flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return flat.reshape(size[1], size[0]).T


def marked_view(photo: Marked, view: View, size: Sequence[int]) -> MarkedView:
    """What is marked in a view of a photo (height, width), on cells; what is pasted covers what lies behind it."""

    def cells(mask: np.ndarray) -> np.ndarray:
        return mask_on_cells(mask, view.matrix, CELLS)

    grounds = {mask["label"]: cells(decode_counts(mask["counts"], size)) for mask in photo.grounds}
    people = []
    if photo.clothes:
        parts = {mask["label"]: cells(decode_counts(mask["counts"], size)) for mask in photo.clothes}
        people = [(parts, np.max(list(parts.values()), axis=0))]
    boxes = [box for row in photo.boxes if (box := _box(row, photo, view, size, grounds)) is not None]
    things = [box.mask for box in boxes if box.mask is not None and box.quality >= FAIR and box.kind not in BY_GROUND]
    before = np.max([*things, *(whole for _, whole in people)] or [np.zeros((CELLS, CELLS), np.float32)], axis=0)
    kept = {*BY_GROUND.values(), "person"}
    grounds = {label: mask if label in kept else mask * (1 - before) for label, mask in grounds.items()}
    undressed = np.zeros((CELLS, CELLS), np.float32) if people else grounds.get("person", np.zeros((CELLS, CELLS), np.float32))
    marked = MarkedView(cells(np.ones(tuple(size), bool)), grounds, people, boxes, [], undressed, photo.captions)
    for layer in view.layers:
        marked = _covered(marked, layer)
    return marked


def _box(row: dict, photo: Marked, view: View, size: Sequence[int], grounds: dict[str, np.ndarray]) -> MarkedBox | None:
    """A box in a view with the best mask that there is for it; None where most of it is not in the view."""
    sides = box_on_canvas(row["box"], view.matrix)
    area = (sides[2] - sides[0]) * (sides[3] - sides[1])
    if area < 40 or area < LEAST_SEEN * row["box"][2] * row["box"][3] * view.matrix[0, 0] ** 2:
        return None
    cut = next((t for t in photo.things if t["label"] == row["label"] and t["box"] == row["box"] and t["quality"] >= GOOD), None)
    if cut is not None:
        return MarkedBox(
            row["label"], row["score"], sides, mask_on_cells(decode_counts(cut["counts"], size), view.matrix, CELLS), cut["quality"]
        )
    ground = grounds.get("person" if row["label"] == "person" else BY_GROUND.get(row["label"], ""))
    if ground is not None:
        unit, inside = SIDE / CELLS, np.zeros((CELLS, CELLS), np.float32)
        rows, columns = (slice(int(low / unit), int(np.ceil(high / unit))) for low, high in ((sides[1], sides[3]), (sides[0], sides[2])))
        inside[rows, columns] = 1
        if (ground * inside).sum() > LEAST_FILLED * inside.sum():
            return MarkedBox(row["label"], row["score"], sides, ground * inside, GOOD)
    return MarkedBox(row["label"], row["score"], sides, None, 0.0)


def _covered(marked: MarkedView, layer: Layer) -> MarkedView:
    """A marked view with something pasted over it."""
    alpha = mask_on_cells(layer.pasted.alpha, layer.matrix, CELLS)
    free = 1 - alpha

    def behind(masks: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {label: mask * free for label, mask in masks.items()}

    boxes = [MarkedBox(b.kind, b.score, b.sides, None if b.mask is None else b.mask * free, b.quality) for b in marked.boxes]
    people = [(behind(parts), whole * free) for parts, whole in marked.people]
    named = [(name, mask * free) for name, mask in marked.named]
    if layer.pasted.person:
        people.append(({label: mask_on_cells(mask, layer.matrix, CELLS) for label, mask in layer.pasted.parts.items()}, alpha))
        rows, columns = np.nonzero(alpha > 0.4)
        if len(rows):
            unit = SIDE / CELLS
            sides = (columns.min() * unit, rows.min() * unit, (columns.max() + 1) * unit, (rows.max() + 1) * unit)
            boxes.append(MarkedBox("person", 0.7, sides, alpha, 0.9))
    else:
        named.append((layer.pasted.label, alpha))
    seen = np.maximum(marked.seen, alpha)
    return MarkedView(seen, behind(marked.grounds), people, boxes, named, marked.undressed * free, marked.captions)
