"""Single votes as the analysis reads them, from any source."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import InvalidInputError

__all__ = ["Category", "Choice", "choices_from_rows"]


@dataclass(frozen=True)
class Choice:
    """One vote: the systems in the order shown (left first), and the one chosen; `winner` None is a tie."""

    rater: str
    unit: Hashable
    """What was judged: votes on one unit are votes on the same pictures."""
    shown: tuple[str, ...]
    winner: str | None
    seconds: float | None = None
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
class Category:
    """One rater's value for one picture on one scale."""

    rater: str
    unit: Hashable
    system: str
    scale: str
    value: int
    seconds: float | None = None
    simulated: bool = False
    image: Hashable = None
    level: str | None = None
    instances: int | None = None

    def __post_init__(self) -> None:
        if self.image is None:
            object.__setattr__(self, "image", self.unit)


def choices_from_rows(rows: Iterable[Mapping[str, Any]]) -> list[Choice]:
    """Pair votes from rows with the columns rater, image, system_a (left or first), system_b, winner, and maybe seconds.

    `winner` is one of the two systems or `tie`. Raises InvalidInputError that names the row, counted from 1.
    """
    votes = []
    for number, row in enumerate(rows, 1):
        rater, image, a, b, winner = (str(row.get(name) or "").strip() for name in ("rater", "image", "system_a", "system_b", "winner"))
        if not all((rater, image, a, b, winner)) or a == b or winner not in (a, b, "tie"):
            raise InvalidInputError(
                f"Row {number} is no vote: it needs rater, image, two different systems, and as winner one of them or tie; got {dict(row)}."
            )
        seconds = str(row.get("seconds") or "").strip()
        try:
            taken = float(seconds) if seconds else None
        except ValueError:
            raise InvalidInputError(f'Row {number}: "{seconds}" is no number of seconds.') from None
        votes.append(Choice(rater, (image, *sorted((a, b))), (a, b), None if winner == "tie" else winner, taken))
    return votes
