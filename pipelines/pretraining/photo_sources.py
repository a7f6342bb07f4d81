"""A collection of photos with labels, as the recipe reads it.

photos.jsonl            a line a photo, {"file_name", "source"}
human_masks.jsonl       masks that people drew; what they show is in front of everything else
things.jsonl            masks of things by machines, which may be missing
machine_labels.jsonl.gz masks of grounds by machines
"""

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.composing.photo_parts import LabeledMask, held_out_names, read_labels

LISTING = "photos.jsonl"
HUMAN, THINGS, GROUNDS = LABELS = ("human_masks.jsonl", "things.jsonl", "machine_labels.jsonl.gz")
DOUBTED = {"person", "field"}  # machines take animals for fields, and miss the limbs of people
DOUBTED_IN_CLOSE_UPS = {"earth", "mountain", "wall", "floor", "water", "sea"}
CLOSE_UPS = "imagenet"


@dataclass(frozen=True)
class PhotoSources:
    """A collection's folder, by file name the masks in order from front to back, and which photos are for training and held out."""

    root: Path
    labels: dict[str, list[LabeledMask]]
    training: list[str]
    held_out: list[str]


def read_sources(root: Path, things: Path | None = None) -> PhotoSources:
    """A collection; `things` may lie elsewhere. Raises ValueError where the photos' list is missing or nothing has a label."""
    source_of = _source_of(root)
    human, machine, grounds = (read_labels([p] if p.is_file() else []) for p in (root / HUMAN, things or root / THINGS, root / GROUNDS))
    labels = {}
    for name, source in source_of.items():
        doubted = DOUBTED | (DOUBTED_IN_CLOSE_UPS if source == CLOSE_UPS else set())
        behind = [mask for mask in grounds.get(name, []) if mask.label not in doubted]
        if masks := [*human.get(name, []), *machine.get(name, []), *behind]:
            labels[name] = masks
    if not labels:
        raise ValueError(f"{root} has no labels: expected one or more of {', '.join(LABELS)}")
    out = held_out_names(source_of, [name for name in source_of if name in human])
    return PhotoSources(root, labels, sorted(set(labels) - out), sorted(set(labels) & out))


def read_names(root: Path) -> tuple[list[str], list[str]]:
    """The names of all photos for training and of those held out, with labels or without; ValueError where the photos' list is missing."""
    source_of, path = _source_of(root), root / HUMAN
    masked = {row["file_name"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())} if path.is_file() else set()
    out = held_out_names(source_of, [name for name in source_of if name in masked])
    return sorted(set(source_of) - out), sorted(out)


def _source_of(root: Path) -> dict[str, str]:
    """By file name, where each photo of a collection comes from."""
    if not (root / LISTING).is_file():
        raise ValueError(f"{root / LISTING} is missing: expected a line {{'file_name', 'source'}} for each photo")
    return {row["file_name"]: row["source"] for row in map(json.loads, (root / LISTING).read_text(encoding="utf-8").splitlines())}
