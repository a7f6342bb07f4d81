"""The answers of Label Studio annotations to the trials of a study."""

import json
from collections.abc import Sequence
from typing import Any

from db.enums import RatingMethod
from db.models import Stimulus, Study
from workbench.errors import InvalidInputError
from workbench.labelstudio.annotation_values import Results
from workbench.rating import TIE
from workbench.studies import scales_of


def choice_of(study: Study, shown: Sequence[Stimulus], results: Results) -> str:
    """The answer to a trial in the words of `votes_csv.import_rows`; `shown` from left to right as the task had them.

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
    values: dict[str, dict[str, int]] = {}
    for place, stimulus in enumerate(shown, 1):
        for number, scale in enumerate(scales_of(study)):
            value = named.get(f"scale_{number}_{place}", {}).get("rating")
            if not isinstance(value, int):
                raise InvalidInputError(f"Picture {place} has no value on the scale {scale.name}.")
            values.setdefault(stimulus.system, {})[scale.name] = value
    return values
