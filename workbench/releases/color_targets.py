"""The color target of a training item that is no original: the best accepted colorization, or why there is none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Verdict
from db.models import Colorization, Review
from workbench.analysis.intervals import wilson_interval
from workbench.rating import Tally, by_colorization
from workbench.reviews import Measured, counting, trusted
from workbench.store import batches

MOST_REASONS = 3


@dataclass(frozen=True)
class Made:
    """The colorizations of one description: the best of them, or why none can be a target."""

    key: str | None = None
    media_key: str | None = None
    choice: dict[str, Any] | None = None
    """{among, votes, wins, mean_score, adherence, adherence_masks}: out of how many accepted ones the best was chosen, and by what.

    `adherence_masks` is the `reviews.Basis` of the adherence. Both are None where it was not measured, or only in automatic masks that
    steered the colors and the rules do not take these.
    """
    why_not: str = "none was made"


@dataclass(frozen=True)
class _Colored:
    id: int
    key: str
    media_key: str
    adherence: Measured
    text: str
    verdicts: tuple[Review, ...] = ()

    @property
    def is_accepted(self) -> bool:
        return bool(self.verdicts) and all(row.verdict is Verdict.ACCEPT for row in self.verdicts)


def best_of(
    session: Session, texts: Mapping[int, str], *, min_votes: int, simulated: bool, automatic_masks: bool = False
) -> dict[int, Made]:
    """What became of the colorizations of captions, given by id with their text; captions without any are left out.

    Best is the highest lower bound of the win rate's interval, so that many votes beat few; then the mean score, the adherence, and
    the earliest. Colorizations of an earlier wording do not count. Adherence in automatic masks that steered the colors counts only with
    `automatic_masks`.
    """
    colored = _colored(session, texts, automatic_masks)
    good = [row.id for rows in colored.values() for row in rows if row.is_accepted]
    tallies = by_colorization(session, good, simulated=simulated)
    return {caption_id: _best(rows, texts[caption_id], tallies, min_votes) for caption_id, rows in colored.items()}


def _colored(session: Session, texts: Mapping[int, str], automatic_masks: bool) -> dict[int, list[_Colored]]:
    """By caption its colorizations with the verdicts that count, the earliest first."""
    by_caption: dict[int, list[_Colored]] = defaultdict(list)
    for ids in batches(texts):
        rows = session.scalars(select(Colorization).where(Colorization.caption_id.in_(ids)).order_by(Colorization.id)).all()
        verdicts = _verdicts(session, [row.id for row in rows])
        for row in rows:
            known = trusted(row, automatic_masks=automatic_masks)
            counted = tuple(verdicts.get(row.id, ()))
            by_caption[row.caption_id].append(_Colored(row.id, row.key, row.media_key, known, row.caption_text, counted))
    return by_caption


def _verdicts(session: Session, colorization_ids: Sequence[int]) -> dict[int, list[Review]]:
    verdicts: dict[int, list[Review]] = defaultdict(list)
    for ids in batches(colorization_ids):
        for row in session.scalars(select(Review).where(Review.colorization_id.in_(ids)).order_by(Review.id)):
            verdicts[row.colorization_id].append(row)
    return {key: counting(rows) for key, rows in verdicts.items()}


def _best(made: Sequence[_Colored], text: str, tallies: Mapping[int, Tally], min_votes: int) -> Made:
    present = [row for row in made if row.text == text]
    good = [row for row in present if row.is_accepted]
    voted = [row for row in good if tallies.get(row.id, Tally()).votes >= min_votes]
    if not voted:
        return Made(why_not=_why_not(made, present, good, min_votes))
    best = max(voted, key=lambda row: _merit(row, tallies.get(row.id, Tally())))
    tally = tallies.get(best.id, Tally())
    votes = {"votes": tally.votes, "wins": tally.wins, "mean_score": tally.mean_score}
    choice = {"among": len(voted), **votes, "adherence": best.adherence.value, "adherence_masks": best.adherence.basis}
    return Made(best.key, best.media_key, choice)


def _merit(row: _Colored, tally: Tally) -> tuple[float, float, float, int]:
    low, _ = wilson_interval(tally.wins, tally.votes)
    return low, tally.mean_score or 0.0, -1.0 if row.adherence.value is None else row.adherence.value, -row.id


def _why_not(made: Sequence[_Colored], present: Sequence[_Colored], good: Sequence[_Colored], min_votes: int) -> str:
    """The reasons are those of the verdicts, so that they can be counted over a release."""
    if good:
        return f"what is accepted has fewer than {min_votes} votes"
    if not present:
        return "what there is was made for an earlier wording" if made else Made.why_not
    refusals = sorted({row.reason for colored in present for row in colored.verdicts if row.verdict is not Verdict.ACCEPT})
    if not refusals:
        return "none was judged"
    more = "; …" if len(refusals) > MOST_REASONS else ""
    return "; ".join(refusals[:MOST_REASONS]) + more
