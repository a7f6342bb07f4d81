"""How raters voted: their agreement with the others, their pace, and what gives reason to look closer.

A flag is a reason, not a verdict: the results hold flagged raters' votes until somebody excludes them, and say what changes without.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import binom, norm, t

from workbench.analysis.guessing import CAREFUL
from workbench.analysis.significance import sign_test
from workbench.analysis.vote_records import CategoryVote, ChoiceVote

__all__ = ["raters_of"]

UNLIKELY = 0.001
"""What an even chance gives less often than this is flagged."""

ONE_SIDED, CONTRARY = 0.7, 0.45
"""Among many votes a mild liking or a taste of one's own is no chance either: only a larger share of one side than the first, a smaller
agreement than the second, is flagged."""

HASTY_SECONDS = 0.7
"""A median answer under this is quicker than two pictures can be looked at."""

GUESSING = 0.5
"""Raters who guess more likely than not are flagged."""

CARELESS = 0.01
"""A rater who looks misses as many checks less often than this."""

NEARLY_ONE = 0.999

CLOCKS = 1.0
"""Seconds that an answer may seem to take longer than the server saw: no two clocks are alike. That one was set explains one answer."""

SAME_ANSWER, FEW_ANSWERS = 0.95, 10
"""The share of one and the same answer, among at least so many, that is called a straight line."""

UNRELATED = 0.01
"""Scores are flagged whose correlation with the others' would arise by chance more often than this, and is lower than that of the
study's raters at this significance: where pictures hardly differ, nobody's scores follow anybody's."""


def raters_of(
    votes: Sequence[ChoiceVote | CategoryVote],
    *,
    guesses: Mapping[str, float] | None = None,
    checks: Mapping[str, tuple[int, int]] | None = None,
    columns: Mapping[str, Mapping[str, float]] | None = None,
) -> list[dict[str, Any]]:
    """By rater: votes, agreement in [0, 1], median seconds, and flags, each a reason in words.

    Agreement is the share of the other raters' votes on the same units that say the same; None where nobody else voted on them.
    `guesses`: the chance that a rater guesses; `checks`: right answers and all on trials with a known answer; `columns`: by rater
    further numbers (`reliability`, or `correlation`, `bias` and `inconsistency` of scores).
    """
    by_rater: dict[str, list[Any]] = defaultdict(list)
    counts = Counter((_unit(vote), _answer(vote)) for vote in votes)
    said: dict[str, Counter] = defaultdict(Counter)
    for vote in votes:
        by_rater[vote.rater].append(vote)
        said[_kind(vote)][_said(vote)] += 1
    every = _by_unit(counts)
    related = [row["correlation"] for row in (columns or {}).values() if "correlation" in row]
    typical = median(related) if related else 0.0
    rows = []
    for name, own in sorted(by_rater.items()):
        row = _rater(name, own, _met(own, counts, every)) | (columns or {}).get(name, {})
        right, checked = (checks or {}).get(name, (None, None))
        row |= {"checks": checked, "checks_right": right, "guessing": (guesses or {}).get(name)}
        noticed = (_failed(right, checked), _line(own, said), _unrelated(row.get("correlation"), typical, len(own)))
        row["flags"] += [flag for flag in noticed if flag]
        if not row["flags"]:  # where there is a reason that can be seen, the model's is no other one
            row["flags"] = [flag for flag in (_guess(row["guessing"]),) if flag]
        rows.append(row)
    return rows


@dataclass(frozen=True)
class _Met:
    """Other raters' answers on the units that a rater answered: those that say the same, and all; then of decided ones alone."""

    same: int
    others: int
    same_decided: int
    others_decided: int


def _by_unit(answer_counts: Mapping[tuple[Hashable, Hashable], int]) -> dict[Hashable, tuple[int, int]]:
    """By unit how many answers, and how many decided ones."""
    totals: dict[Hashable, tuple[int, int]] = {}
    for (unit, answer), times in answer_counts.items():
        answers, decided = totals.get(unit, (0, 0))
        totals[unit] = (answers + times, decided + times * (answer is not None))
    return totals


def _met(own: list[Any], answer_counts: Mapping[tuple[Hashable, Hashable], int], every: Mapping[Hashable, tuple[int, int]]) -> _Met:
    mine = Counter((_unit(vote), _answer(vote)) for vote in own)
    of_unit = _by_unit(mine)
    same = others = same_decided = others_decided = 0
    for (unit, answer), times in mine.items():
        alike = times * (answer_counts[unit, answer] - times)
        same, others = same + alike, others + times * (every[unit][0] - of_unit[unit][0])
        if answer is not None:
            same_decided, others_decided = same_decided + alike, others_decided + times * (every[unit][1] - of_unit[unit][1])
    return _Met(same, others, same_decided, others_decided)


def _rater(name: str, own: list[Any], met: _Met) -> dict[str, Any]:
    seconds = [vote.seconds for vote in own if vote.seconds is not None]
    pace = median(seconds) if seconds else None
    return {
        "rater": name,
        "votes": len(own),
        "agreement": met.same / met.others if met.others else None,
        "median_seconds": pace,
        "simulated": own[0].simulated,
        "flags": [flag for flag in (_side(own), _haste(pace), _impossible(own), _dissent(own, met)) if flag],
    }


def _unit(vote: ChoiceVote | CategoryVote) -> Hashable:
    return (vote.unit, vote.scale) if isinstance(vote, CategoryVote) else vote.unit


def _answer(vote: ChoiceVote | CategoryVote) -> Hashable:
    return vote.value if isinstance(vote, CategoryVote) else vote.ranking or vote.winner


def _is_pair(vote: ChoiceVote | CategoryVote) -> bool:
    return isinstance(vote, ChoiceVote) and len(vote.shown) == 2 and not vote.ranking


def _side(own: list[Any]) -> str | None:
    right = [vote.shown.index(vote.winner) for vote in own if _is_pair(vote) and vote.sided and vote.winner is not None]
    more, side = (sum(right), "right") if 2 * sum(right) > len(right) else (len(right) - sum(right), "left")
    if more <= ONE_SIDED * len(right) or sign_test(more, len(right)) >= UNLIKELY:
        return None
    return f"chose the {side} side in {more} of {len(right)} decided votes"


def _haste(pace: float | None) -> str | None:
    return f"answered in {pace:.1f} s at the median" if pace is not None and pace < HASTY_SECONDS else None


def _impossible(own: list[Any]) -> str | None:
    """Viewing times that the rater's page told and the server knows to be untrue: a program answered, or somebody who helped the clock."""
    if own[0].simulated:
        return None
    timed = [vote for vote in own if vote.seconds is not None and vote.server_seconds is not None]
    longer = sum(vote.seconds > vote.server_seconds + CLOCKS for vote in timed)
    return f"claims more viewing time than the server saw in {longer} of {len(timed)} answers" if longer > 1 else None


def _dissent(own: list[Any], met: _Met) -> str | None:
    """Between two pictures chance agrees half of the time; ties say nothing here."""
    same, others = met.same_decided, met.others_decided
    if not _is_pair(own[0]) or same >= CONTRARY * others or sign_test(same, others) >= UNLIKELY:
        return None
    return f"agreed with {same} of {others} votes of others, less than chance"


def _guess(chance: float | None) -> str | None:
    return f"seems to guess (probability {min(chance, 0.999):.2g})" if chance is not None and chance > GUESSING else None


def _failed(right: int | None, checked: int | None) -> str | None:
    if not checked or right is None or binom.cdf(right, checked, CAREFUL) >= CARELESS:
        return None
    return f"missed {checked - right} of {checked} trials with a known answer"


def _line(own: list[Any], said: Mapping[str, Counter]) -> str | None:
    """One and the same answer, where the others give several: a score on a scale, or ties."""
    if isinstance(own[0], ChoiceVote) and not _is_pair(own[0]):
        return None
    for kind in sorted({_kind(vote) for vote in own}):
        answers = Counter(_said(vote) for vote in own if _kind(vote) == kind)
        answer, times = answers.most_common(1)[0]
        others = said[kind] - answers
        straight = answers.total() >= FEW_ANSWERS and times >= SAME_ANSWER * answers.total()
        if straight and answer != "decided" and others[answer] < SAME_ANSWER * others.total():
            return f"answered {answer} in {times} of {answers.total()} votes{f' on {kind}' if kind else ''}"
    return None


def _kind(vote: ChoiceVote | CategoryVote) -> str:
    return vote.scale if isinstance(vote, CategoryVote) else ""


def _said(vote: ChoiceVote | CategoryVote) -> int | str:
    return vote.value if isinstance(vote, CategoryVote) else "tie" if vote.winner is None else "decided"


def _unrelated(correlation: float | None, typical: float, votes: int) -> str | None:
    if correlation is None or votes < FEW_ANSWERS:
        return None
    # The one-sided t-test of Pearson's correlation, and Fisher's z of its distance from the typical one.
    by_chance = t.sf(np.sqrt((votes - 2) / max(1e-12, 1 - correlation**2)) * correlation, votes - 2)
    below = (np.arctanh(min(typical, NEARLY_ONE)) - np.arctanh(min(correlation, NEARLY_ONE))) * np.sqrt(votes - 3)
    if by_chance <= UNRELATED or norm.sf(below) >= UNRELATED:
        return None
    return f"scores do not follow the others' (correlation {correlation:.2f}, of the study's raters {typical:.2f})"
