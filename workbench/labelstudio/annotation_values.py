"""What an annotation says: texts, masks with their labels, or the answer to a trial."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InvalidInputError
from workbench.imaging import masks
from workbench.labelstudio import brush_rle

__all__ = ["Drawn", "drawn_in", "texts_in"]

Results = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Drawn:
    """A mask (H, W) bool that somebody drew, and its label; the label is empty where none was chosen."""

    mask: NDArray[np.bool_]
    label: str


def texts_in(results: Results) -> list[str]:
    """The texts that were written, in their order, each once."""
    texts = [text.strip() for result in results if result.get("type") == "textarea" for text in _listed(result["value"].get("text"))]
    return list(dict.fromkeys(text for text in texts if text))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def drawn_in(results: Results) -> list[Drawn]:
    """The masks that were painted or drawn as polygons. Raises InvalidInputError where one cannot be read."""
    return [Drawn(_mask(result), _label(result["value"])) for result in results if result.get("type") in ("brushlabels", "polygonlabels")]


def _mask(result: dict[str, Any]) -> NDArray[np.bool_]:
    value, width, height = result["value"], result["original_width"], result["original_height"]
    if result.get("image_rotation"):
        raise InvalidInputError("A mask was drawn on a rotated picture; turn the picture back in Label Studio.")
    if result["type"] == "brushlabels":
        if value.get("format") != "rle":
            raise InvalidInputError(f"A brush mask has the format {value.get('format')!r}, not rle.")
        return brush_rle.decode(value["rle"], height, width)
    return masks.from_polygon([(x * width / 100, y * height / 100) for x, y in value["points"]], height, width)


def _label(value: dict[str, Any]) -> str:
    return next(iter(value.get("brushlabels") or value.get("polygonlabels") or []), "")
