"""How raters voted: their agreement with the others, their pace, and what gives reason to look closer."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from statistics import median
from typing import Any

from scipy.stats import binomtest

from workbench.choices import Category, Choice

__all__ = ["raters_of"]

UNLIKELY = 0.001
"""What an even chance gives less often than this is flagged."""

HASTY_SECONDS = 0.7
"""A median answer under this is quicker than two pictures can be looked at."""


def raters_of(votes: Sequence[Choice | Category]) -> list[dict[str, Any]]:
    """By rater: votes, agreement in [0, 1], median seconds, and flags, each a reason in words.

    Agreement is the share of the other raters' votes on the same units that say the same; None where nobody else voted on them.
    """
    by_rater: dict[str, list[Any]] = defaultdict(list)
    by_unit: dict[Hashable, list[Any]] = defaultdict(list)
    for vote in votes:
        by_rater[vote.rater].append(vote)
        by_unit[_unit(vote)].append(vote)
    return [_rater(name, own, by_unit) for name, own in sorted(by_rater.items())]


def _rater(name: str, own: list[Any], by_unit: dict[Hashable, list[Any]]) -> dict[str, Any]:
    met = [(_answer(vote), _answer(other)) for vote in own for other in by_unit[_unit(vote)] if other.rater != name]
    seconds = [vote.seconds for vote in own if vote.seconds is not None]
    pace = median(seconds) if seconds else None
    return {
        "rater": name,
        "votes": len(own),
        "agreement": sum(mine == theirs for mine, theirs in met) / len(met) if met else None,
        "median_seconds": pace,
        "simulated": own[0].simulated,
        "flags": [flag for flag in (_side(own), _haste(pace), _dissent(own, met)) if flag],
    }


def _unit(vote: Choice | Category) -> Hashable:
    return (vote.unit, vote.scale) if isinstance(vote, Category) else vote.unit


def _answer(vote: Choice | Category) -> Hashable:
    return vote.value if isinstance(vote, Category) else vote.ranking or vote.winner


def _is_pair(vote: Choice | Category) -> bool:
    return isinstance(vote, Choice) and len(vote.shown) == 2 and not vote.ranking


def _side(own: list[Any]) -> str | None:
    right = [vote.shown.index(vote.winner) for vote in own if _is_pair(vote) and vote.sided and vote.winner is not None]
    if not right or binomtest(sum(right), len(right)).pvalue >= UNLIKELY:
        return None
    more, side = (sum(right), "right") if 2 * sum(right) > len(right) else (len(right) - sum(right), "left")
    return f"chose the {side} side in {more} of {len(right)} decided votes"


def _haste(pace: float | None) -> str | None:
    return f"answered in {pace:.1f} s at the median" if pace is not None and pace < HASTY_SECONDS else None


def _dissent(own: list[Any], met: list[tuple[Hashable, Hashable]]) -> str | None:
    """Between two pictures chance agrees half of the time; ties say nothing here."""
    decided = [mine == theirs for mine, theirs in met if mine is not None and theirs is not None] if _is_pair(own[0]) else []
    if not decided or 2 * sum(decided) >= len(decided) or binomtest(sum(decided), len(decided)).pvalue >= UNLIKELY:
        return None
    return f"agreed with {sum(decided)} of {len(decided)} votes of others, less than chance"
