"""Single votes as the analysis reads them, from any source."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import InvalidInputError

__all__ = ["CategoryVote", "ChoiceVote", "choices_from_rows"]


@dataclass(frozen=True)
class ChoiceVote:
    """One vote: the systems in the order shown (left first), and the one chosen; `winner` None is a tie."""

    rater: str
    unit: Hashable
    """What was judged: votes on one unit are votes on the same pictures."""
    shown: tuple[str, ...]
    winner: str | None
    seconds: float | None = None
    server_seconds: float | None = None
    """From the server's telling the trial to its keeping the answer, where that is known: no honest `seconds` are longer."""
    simulated: bool = False
    ranking: tuple[str, ...] = ()
    """Best first, in ranking studies."""
    sided: bool = True
    """Whether `shown` is the order in which this rater saw them."""
    image: Hashable = None
    """The image that it was about; by default the unit itself."""
    level: str | None = None
    """The caption's level, where there is one."""
    instances: int | None = None
    """How many instances of the caption have a region, where that is known."""

    def __post_init__(self) -> None:
        if self.image is None:
            object.__setattr__(self, "image", self.unit)


@dataclass(frozen=True)
class CategoryVote:
    """One rater's value for one picture on one scale."""

    rater: str
    unit: Hashable
    system: str
    scale: str
    value: int
    seconds: float | None = None
    server_seconds: float | None = None
    simulated: bool = False
    image: Hashable = None
    level: str | None = None
    instances: int | None = None
    points: int | None = None
    """The highest value of the scale, which begins at 1; None where that is not known."""

    def __post_init__(self) -> None:
        if self.image is None:
            object.__setattr__(self, "image", self.unit)


def choices_from_rows(rows: Iterable[Mapping[str, Any]]) -> list[ChoiceVote]:
    """Pair votes from rows with the columns rater, image, system_a (left or first), system_b, winner.

    Also read where they are there: seconds, level (the caption's) and instances (a whole number). `winner` is one of the two systems
    or `tie`. Raises InvalidInputError that names the row, counted from 1.
    """
    votes = []
    for number, row in enumerate(rows, 1):
        rater, image, a, b, winner = (str(row.get(name) or "").strip() for name in ("rater", "image", "system_a", "system_b", "winner"))
        if not all((rater, image, a, b, winner)) or a == b or winner not in (a, b, "tie"):
            raise InvalidInputError(
                f"Row {number} is no vote: it needs rater, image, two different systems, and as winner one of them or tie; got {dict(row)}."
            )
        taken, instances = _number(row, "seconds", float, number), _number(row, "instances", int, number)
        level = str(row.get("level") or "").strip() or None
        unit = (image, *sorted((a, b)), *([level] if level else []))
        chosen = None if winner == "tie" else winner
        votes.append(ChoiceVote(rater, unit, (a, b), chosen, taken, image=image, level=level, instances=instances))
    return votes


def _number(row: Mapping[str, Any], column: str, kind: type, number: int) -> Any:
    text = str(row.get(column) or "").strip()
    try:
        value = kind(text) if text else None
    except ValueError:
        raise InvalidInputError(f'Row {number}: "{text}" is no number of {column}.') from None
    if value is not None and not 0 <= value < float("inf"):
        raise InvalidInputError(f'Row {number}: "{text}" is no number of {column}.')
    return value
