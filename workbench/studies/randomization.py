"""The lots that a study's seed draws: who gets what when, and on which side. No database; the same seed draws the same.

Balance comes by construction. Of the pictures of a trial each stands in each place equally often over the raters (a Latin square of
rotations, begun anew at random); of a rater's dozen trials one is gold and one a trap, at places drawn for each rater and dozen.
"""

import hashlib
import random
from collections.abc import Callable, Sequence
from math import ceil

from db.enums import TrialKind

REGULAR_IN_DOZEN = 10
"""A dozen holds so many regular trials, one gold and one trap."""


def drawn(*of: object) -> str:
    """A lot: random to look at, always the same for the same things."""
    return hashlib.sha256(":".join(map(str, of)).encode()).hexdigest()


def drawing(*of: object) -> Callable[[object], str]:
    """What draws the lots `drawn(*of, one)` for one thing after the other."""
    begun = hashlib.sha256("".join(f"{part}:" for part in of).encode())

    def lot(one: object) -> str:
        whole = begun.copy()
        whole.update(str(one).encode())
        return whole.hexdigest()

    return lot


def order(stimuli: Sequence[int], seed: int, trial_id: int, turn: int) -> list[int]:
    """The order in which the `turn`th rater of a trial (from 0) sees its stimuli, from left to right."""
    size = len(stimuli)
    if size < 2:
        return list(stimuli)
    square, row = divmod(turn, size)
    base = list(stimuli)
    random.Random(drawn(seed, trial_id, square)).shuffle(base)
    return [*base[row:], *base[:row]]


def dozens(regular: int) -> int:
    """How many dozens, the last perhaps incomplete, hold so many regular trials."""
    return ceil(regular / REGULAR_IN_DOZEN)


def due(seed: int, rater_id: int, kind: TrialKind, dozen: int, regular: int) -> int:
    """After how many regular trials of a dozen, which holds so many, its gold or trap trial comes."""
    return int(drawn(seed, rater_id, kind, dozen), 16) % max(1, regular)
