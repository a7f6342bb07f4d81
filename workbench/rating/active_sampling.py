"""What each pair trial would tell about the strengths, given the votes so far."""

from collections import Counter

import numpy as np
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import TrialKind
from db.models import Assignment, Rating, Stimulus, Study, Trial
from workbench.analysis.information_gain import information
from workbench.studies.counted_votes import counted_votes


def gains(session: Session, study: Study) -> dict[int, float]:
    """By regular trial of a pair study, the expected information gain in nats; pairs that lie before other raters count for less."""
    systems_of: dict[int, list[str]] = {}
    system_of: dict[int, str] = {}
    rows = (
        select(Trial.id, Stimulus.id, Stimulus.system)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .where(Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    )
    for trial_id, stimulus_id, system in session.execute(rows):
        systems_of.setdefault(trial_id, []).append(system)
        system_of[stimulus_id] = system
    place = {name: index for index, name in enumerate(sorted(set(system_of.values())))}
    wins = np.zeros((len(place), len(place)))
    for trial_id, stimulus_id, votes in session.execute(_votes(study)):
        first, second = (place[name] for name in systems_of[trial_id])
        if stimulus_id is None:
            wins[first, second] += votes / 2
            wins[second, first] += votes / 2
        else:
            winner = place[system_of[stimulus_id]]
            wins[winner, second if winner == first else first] += votes
    gain = information(wins)
    waiting = Counter({frozenset(systems_of[trial_id]): 0 for trial_id in systems_of})
    for trial_id in session.scalars(_pending(study)):
        waiting[frozenset(systems_of[trial_id])] += 1
    return {
        trial_id: float(gain[place[first], place[second]]) / (1 + waiting[frozenset((first, second))])
        for trial_id, (first, second) in systems_of.items()
    }


def _votes(study: Study):
    by = (Rating.trial_id, Rating.stimulus_id)
    return counted_votes(study.id).with_only_columns(*by, func.count(Rating.id)).group_by(*by)


def _pending(study: Study):
    answered = and_(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id)
    return (
        select(Assignment.trial_id)
        .join(Trial, Trial.id == Assignment.trial_id)
        .outerjoin(Rating, answered)
        .where(Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR, Assignment.leased_until > now(), Rating.id.is_(None))
    )
