"""A picture on the square canvas that the grounder's classifier sees, and boxes on its cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lcad.grounding.detector import Box
from lcad.models.phrase_grounder import CELLS, SIDE

BEYOND_BOX = 0.12  # of a box's side that a mask may reach beyond it


@dataclass(frozen=True)
class Letterbox:
    """A picture (height, width) on the square canvas that the classifier sees, in the middle, its longer side filling it."""

    height: int
    width: int

    @classmethod
    def of(cls, shape: Sequence[int]) -> "Letterbox":
        """Of a picture's shape."""
        return cls(int(shape[0]), int(shape[1]))

    @property
    def scale(self) -> float:
        """Canvas pixels a pixel."""
        return SIDE / max(self.height, self.width)

    @property
    def corner(self) -> tuple[float, float]:
        """(x, y) of the picture's upper left corner on the canvas."""
        return (SIDE - self.scale * self.width) / 2, (SIDE - self.scale * self.height) / 2

    def place(self, lightness: np.ndarray) -> np.ndarray:
        """L (H, W) on the canvas (SIDE, SIDE) float32; beside the picture it is 50."""
        plane = lightness.astype(np.float32)
        if self.scale < 0.8:
            plane = cv2.GaussianBlur(plane, (0, 0), 0.5 / self.scale)
        matrix = np.array([[self.scale, 0, self.corner[0]], [0, self.scale, self.corner[1]]], np.float32)
        how = cv2.INTER_CUBIC if self.scale > 1 else cv2.INTER_LINEAR
        return np.clip(cv2.warpAffine(plane, matrix, (SIDE, SIDE), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=50), 0, 100)

    def crop(self, plane: np.ndarray) -> np.ndarray:
        """The picture's part of a plane over the canvas, whatever its resolution."""
        share = plane.shape[0] / SIDE
        (x, y), height, width = self.corner, self.scale * self.height, self.scale * self.width
        rows = slice(round(y * share), max(round(y * share) + 1, round((y + height) * share)))
        columns = slice(round(x * share), max(round(x * share) + 1, round((x + width) * share)))
        return plane[rows, columns]

    def _cells(self, box: Box, cells: int, reach: float = 0.0) -> tuple[slice, slice]:
        unit = SIDE / cells
        wide, high = reach * (box.right - box.left), reach * (box.bottom - box.top)
        left, right = ((x * self.scale + self.corner[0]) / unit for x in (box.left - wide, box.right + wide))
        top, bottom = ((y * self.scale + self.corner[1]) / unit for y in (box.top - high, box.bottom + high))
        return slice(max(0, int(np.floor(top))), int(np.ceil(bottom))), slice(max(0, int(np.floor(left))), int(np.ceil(right)))

    def box_map(self, boxes: Sequence[Box]) -> np.ndarray:
        """The largest score of the boxes over each of the canvas's cells (CELLS, CELLS) float32."""
        cells = np.zeros((CELLS, CELLS), np.float32)
        for box in boxes:
            here = self._cells(box, CELLS)
            cells[here] = np.maximum(cells[here], box.score)
        return cells

    def near(self, boxes: Sequence[Box], shape: tuple[int, ...]) -> np.ndarray:
        """1 on and a little around the boxes, else 0, on the canvas at a resolution."""
        around = np.zeros(shape, np.float32)
        for box in boxes:
            around[self._cells(box, shape[0], BEYOND_BOX)] = 1
        return around
