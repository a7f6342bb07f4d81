"""What an annotation says: texts, masks with their labels, or the answer to a trial."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.enums import RatingMethod
from db.models import Stimulus, Study
from workbench import masks
from workbench.answers import TIE
from workbench.dealing import scales_of
from workbench.errors import InvalidInputError
from workbench.labelstudio import brush

__all__ = ["Drawn", "choice_of", "drawn_in", "texts_in"]

Results = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Drawn:
    """A mask (H, W) bool that somebody drew, and its label; the label is empty where none was chosen."""

    mask: NDArray[np.bool_]
    label: str


def texts_in(results: Results) -> list[str]:
    """The texts that were written, in their order, each once."""
    found = [text.strip() for result in results if result.get("type") == "textarea" for text in _listed(result["value"].get("text"))]
    return list(dict.fromkeys(text for text in found if text))


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
        return brush.decode(value["rle"], height, width)
    return masks.from_polygon([(x * width / 100, y * height / 100) for x, y in value["points"]], height, width)


def _label(value: dict[str, Any]) -> str:
    return next(iter(value.get("brushlabels") or value.get("polygonlabels") or []), "")


def choice_of(study: Study, shown: Sequence[Stimulus], results: Results) -> str:
    """The answer to a trial in the words of `ratings.import_rows`; `shown` from left to right as the task had them.

    Raises InvalidInputError where the annotation does not answer what the study asks.
    """
    named = {result["from_name"]: result["value"] for result in results}
    if study.method is RatingMethod.RANKING:
        return json.dumps(_ranks(shown, named))
    if study.method is RatingMethod.CATEGORY:
        return json.dumps(_values(study, shown, named))
    if "tie" in named:
        return TIE
    winner = named.get("winner", {})
    place = {"left": "1", "right": "2"}.get(winner.get("selected", "")) or next(iter(winner.get("choices") or []), "")
    if not place.isdecimal() or not 1 <= int(place) <= len(shown):
        raise InvalidInputError("Nothing was chosen.")
    return shown[int(place) - 1].system


def _ranks(shown: Sequence[Stimulus], named: dict[str, dict[str, Any]]) -> dict[str, int]:
    orders = list(named.get("ranking", {}).get("ranker", {}).values())
    places = orders[0] if orders else []
    if sorted(places) != sorted(str(place) for place in range(1, len(shown) + 1)):
        raise InvalidInputError("The pictures were not put in an order.")
    return {shown[int(place) - 1].system: rank for rank, place in enumerate(places, 1)}


def _values(study: Study, shown: Sequence[Stimulus], named: dict[str, dict[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for place, stimulus in enumerate(shown, 1):
        for number, scale in enumerate(scales_of(study)):
            value = named.get(f"scale_{number}_{place}", {}).get("rating")
            if not isinstance(value, int):
                raise InvalidInputError(f"Picture {place} has no value on the scale {scale.name}.")
            found.setdefault(stimulus.system, {})[scale.name] = value
    return found
