"""Balance within one rater: which system comes after which, and which stands where.

Pairs are balanced over the raters of a trial. Of single pictures and of whole sets a rater sees too few for that: there each rater's own
sequence is kept in balance, so that neither a system's place nor what was seen before it speaks for it. Williams (1949) gives squares in
which every treatment follows every other equally often; a study whose trials are chosen as votes come in cannot fix its rows ahead, so
the next trial is chosen such that the counts which such a square makes equal differ as little as can be.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Stimulus, Study, Trial
from workbench.studies.randomization import drawn


def williams(size: int) -> list[list[int]]:
    """A square of `size` rows (for odd sizes two, mirrored) in which each number stands in each place equally often, and follows each
    other equally often (Williams 1949)."""
    first = [0]
    low, high = 1, size - 1
    while len(first) < size:
        first.append(low)
        low += 1
        if len(first) < size:
            first.append(high)
            high -= 1
    rows = [[(number + shift) % size for number in first] for shift in range(size)]
    return rows + [row[::-1] for row in rows] if size % 2 else rows


def systems(session: Session, study: Study, trial_ids: set[int], stimulus_ids: Iterable[int]) -> tuple[dict[int, str], dict[int, str]]:
    """The systems of stimuli that a rater has seen, and of each regular trial of one stimulus."""
    statement = select(Stimulus.id, Stimulus.trial_id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id)
    seen = set(stimulus_ids)
    by_stimulus, by_trial = {}, {}
    for key, trial_id, system in session.execute(statement.where(Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)):
        if key in seen:
            by_stimulus[key] = system
        if trial_id in trial_ids:
            by_trial[trial_id] = system
    return by_stimulus, by_trial


def imbalance(sequence: Sequence[str], system: str) -> tuple[int, int]:
    """How often a rater has had a system already, and how often right after the one that they had last."""
    after = Counter(pairwise(sequence))
    return Counter(sequence)[system], after[sequence[-1], system] if sequence else 0


def placed(session: Session, study: Study, orders: Iterable[Sequence[int]]) -> list[list[str]]:
    """The systems of the regular trials that a rater has had, in the order shown."""
    orders = list(orders)
    statement = select(Stimulus.id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id)
    ids = {stimulus_id for order in orders for stimulus_id in order}
    system_of = dict(
        session.execute(
            statement.where(Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR, Stimulus.id.in_(sorted(ids)))
        ).all()
    ) if ids else {}  # fmt: skip
    return [[system_of[key] for key in order] for order in orders if order and order[0] in system_of]


def balanced_order(system_of: Mapping[int, str], past: Sequence[Sequence[str]], lot: tuple) -> list[int]:
    """The order of a set's stimuli, a row of a Williams square, that leaves this rater's systems most evenly placed and followed."""
    stands: Counter = Counter((system, place) for order in past for place, system in enumerate(order))
    follows: Counter = Counter(pair for order in past for pair in pairwise(order))
    stimuli = sorted(system_of, key=lambda key: system_of[key])

    def weight(row: list[int]) -> tuple[int, int, str]:
        named = [system_of[stimuli[number]] for number in row]
        before = sum(2 * stands[system, place] + 1 for place, system in enumerate(named))
        after = sum(2 * follows[pair] + 1 for pair in pairwise(named))
        return before, after, drawn(*lot, *row)

    return [stimuli[number] for number in min(williams(len(stimuli)), key=weight)]
