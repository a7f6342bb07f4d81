"""Simulated raters, marked as such in the store and in every result: for walking the loop without people, never in their place.

The model is Bradley and Terry's (1952) with adherence as the merit: of two pictures with adherence a and b, a rater prefers the first
with probability 1 / (1 + exp(-SHARPNESS · (a - b))). One answer in ten is a tie where the study takes ties; a picture that cannot
be judged, or only in the automatic masks that steered its colors, has an adherence of one half. Answers depend on the study's seed, the
rater and the trial alone; no response time is made up.
"""

import hashlib
import math
import random

from sqlalchemy.orm import Session

from db.models import Colorization, Rater, Stimulus, Study
from workbench import studies
from workbench.rating import assignment, ratings
from workbench.reviews import worth

SHARPNESS = 6.0
TIE_SHARE = 0.1
UNKNOWN = 0.5
COHORT = "simulated"


def invite(session: Session, study: Study, count: int, *, actor: str) -> list[int]:
    """Ids of `count` new raters of the study, marked as simulated."""
    invited = studies.invite(session, study.id, count, cohort=COHORT, simulated=True, actor=actor)
    return [rater.id for rater, _token in invited]


def answer_next(session: Session, study: Study, rater_id: int) -> bool:
    """Answer the next trial of a rater in a pair study; False where nothing is left to answer."""
    trial = assignment.next_trial(session, study.id, rater_id)
    if trial is None:
        return False
    chance = _chance(study, session.get_one(Rater, rater_id), trial.trial_id)
    first, second = trial.stimuli
    if trial.ties and chance.random() < TIE_SHARE:
        choice: int | str = "tie"
    else:
        utility = {shown.id: SHARPNESS * _adherence(session, shown.id) + _gumbel(chance) for shown in (first, second)}
        choice = max(utility, key=utility.__getitem__)
    ratings.rate(session, trial.trial_id, rater_id, choice)
    return True


def _chance(study: Study, rater: Rater, trial_id: int) -> random.Random:
    return random.Random(hashlib.sha256(f"{study.seed}:{rater.pseudonym}:{trial_id}".encode()).digest())


def _gumbel(chance: random.Random) -> float:
    """Noise whose difference between two is logistic."""
    from_exponential = chance.expovariate(1.0)
    return -math.log(max(from_exponential, 1e-12))


def _adherence(session: Session, stimulus_id: int) -> float:
    """The adherence of a stimulus in [0, 1]; the reference, which is right by definition, has 1."""
    stimulus = session.get_one(Stimulus, stimulus_id)
    if stimulus.colorization_id is None:
        return 1.0
    adherence = worth(session.get_one(Colorization, stimulus.colorization_id))
    return UNKNOWN if adherence is None else adherence
