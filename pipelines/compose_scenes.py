"""Composed scenes on disk: multi-instance training material with exact masks, in the layout of an exported release.

`compose_release` makes them of cut-outs, or of a library's own regions (`cutout_from_region`), and of backdrops. The scenes
themselves are pure functions of a seed and arrays: `compose_scene` and `describe_photo`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask

from pipelines.composing.captions import Caption
from pipelines.composing.photos import describe_photo
from pipelines.composing.scenes import Backdrop, Cutout, Scene, compose_scene, cutout_from_region

__all__ = ["Backdrop", "Cutout", "Scene", "compose_release", "compose_scene", "cutout_from_region", "describe_photo", "metadata_rows"]

DEFAULT_COUNTS = {"train": 80, "validation": 10, "test": 10}
MOST_OBJECTS = 3


def run_lengths(mask: np.ndarray) -> dict[str, Any]:
    """COCO run lengths {"size": [h, w], "counts": text} of a mask (H, W) bool."""
    encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [int(extent) for extent in encoded["size"]], "counts": encoded["counts"].decode("ascii")}


def _regions(scene: Scene, caption: Caption) -> list[dict[str, Any]]:
    """The grounded phrases of a caption, with the basic terms that it really gives."""
    return [
        {
            "phrase": phrase.text,
            "start": phrase.start,
            "end": phrase.end,
            "colors": list(scene.objects[phrase.subject].basic_terms) if phrase.colored else [],
            "mask": run_lengths(scene.masks[phrase.subject]),
        }
        for phrase in caption.phrases
    ]


def metadata_rows(scene: Scene, name: str, color_file_name: str) -> list[dict[str, Any]]:
    """One row of `metadata.jsonl` for each caption of a scene."""
    return [
        {
            "color_file_name": color_file_name,
            "caption": caption.text,
            "level": caption.level,
            "image": name,
            "regions": _regions(scene, caption),
        }
        for caption in scene.captions
    ]


def compose_release(
    out: str | Path,
    cutouts: Mapping[str, Sequence[Cutout]] | Sequence[Cutout],
    backdrops: Mapping[str, Sequence[Backdrop]] | Sequence[Backdrop],
    counts: Mapping[str, int] = DEFAULT_COUNTS,
    seed: int = 0,
    size: int = 128,
    most_objects: int = MOST_OBJECTS,
) -> int:
    """Compose scenes into OUT/<split>/images with OUT/<split>/metadata.jsonl; returns how many rows were written.

    cutouts, backdrops  for each split its own, or one collection for all (then splits share objects, never scenes)
    counts              scenes by split; scene number n of a split depends on seed, split and n alone
    Raises ValueError as `compose_scene` does, and when there is something of a split already.
    """
    written = 0
    for part, (split, count) in enumerate(sorted(counts.items())):
        objects = cutouts[split] if isinstance(cutouts, Mapping) else cutouts
        grounds = backdrops[split] if isinstance(backdrops, Mapping) else backdrops
        folder = Path(out) / split
        if (folder / "metadata.jsonl").exists():
            raise ValueError(f"{folder} holds a split already: choose another folder")
        (folder / "images").mkdir(parents=True, exist_ok=True)
        rows = []
        for n in range(count):
            rng = np.random.default_rng([seed, part, n])
            scene = compose_scene(rng, objects, grounds, int(rng.integers(1, most_objects + 1)), size)
            name = f"{n:05}"
            PIL.Image.fromarray(scene.rgb).save(folder / "images" / f"{name}.png")
            rows += metadata_rows(scene, f"{split}-{name}", f"images/{name}.png")
        (folder / "metadata.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        written += len(rows)
    return written
