"""What the store knows of how a study was done: counts and medians, not yet in words."""

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Outcome, TrialKind
from db.models import Assignment, Caption, Invitation, Rater, Rating, RecruitmentLink, Stimulus, Study, Trial
from workbench.studies.counted_votes import counted_votes

__all__ = ["Excluded", "Facts", "facts_of"]


@dataclass(frozen=True)
class Excluded:
    """A rater whose votes are left out, and why."""

    rater: str
    reason: str
    votes: int


@dataclass(frozen=True)
class Facts:
    """The facts of a study; of raters, those who voted."""

    study: Study
    systems: tuple[str, ...]
    images: int
    trials: int
    """Regular ones."""
    described: int
    """Regular trials that show a description."""
    levels: dict[CaptionLevel, int]
    """Regular trials by the level of their description."""
    watching: dict[TrialKind, int]
    """Trials by kind that are not regular."""
    invited: int
    voted: int
    simulated: int
    cohorts: dict[str, int]
    """Raters by cohort; last under the empty name those whose cohort was not named."""
    consented: int
    finished: int
    votes_a_rater: tuple[int, ...]
    screening: dict[str, tuple[int, int]]
    """By test: raters who passed, and who took it."""
    excluded: tuple[Excluded, ...]
    seconds: float | None
    """Median time of an answer; None where none is recorded."""
    flow: dict[str, int]
    """Raters left at each step: invited, consented, screened, voted, finished, counted."""
    counted_votes: int
    """Votes of the results: on regular trials, by raters who are not excluded."""
    complete_trials: int
    """Regular trials with as many counted votes as were asked for."""
    unseen_trials: int
    """Regular trials without any."""
    unanswered: int
    """Trials that a rater was dealt and gave no answer to …"""
    unanswered_raters: int
    """… and the raters of whom there is one."""
    dealt: bool
    """Whether trials were dealt here, in a known order; imported votes were given elsewhere."""


def facts_of(session: Session, study: Study) -> Facts:
    """The facts of a study as it stands."""
    people = list(session.execute(select(Invitation, Rater).join(Rater).where(Invitation.study_id == study.id).order_by(Invitation.id)))
    votes_by_rater = Counter(
        dict(session.execute(_votes_of(study, Rating.rater_id, func.count(Rating.id)).group_by(Rating.rater_id)).all())
    )
    part = [(invitation, rater) for invitation, rater in people if votes_by_rater[rater.id]]
    seconds = list(session.scalars(_votes_of(study, Rating.seconds).where(Rating.seconds.is_not(None))))
    of_trial = Counter(dict(session.execute(_counted_by_trial(study)).all()))
    dealt = select(Assignment.id).join(Trial, Trial.id == Assignment.trial_id).where(Trial.study_id == study.id).limit(1)
    material = _material(session, study)
    return Facts(
        study=study,
        **material,
        flow=_doors(session, study) | _flow([invitation for invitation, _ in people], {invitation.id for invitation, _ in part}),
        counted_votes=of_trial.total(),
        complete_trials=sum(votes >= study.votes_per_trial for votes in of_trial.values()),
        unseen_trials=material["trials"] - len(of_trial),
        invited=len(people),
        voted=len(part),
        simulated=sum(rater.simulated for _, rater in part),
        cohorts=dict(sorted(Counter(invitation.cohort for invitation, _ in part).items(), key=lambda each: (not each[0], each[0]))),
        consented=sum(invitation.consented_at is not None for invitation, _ in part),
        finished=sum(invitation.finished_at is not None for invitation, _ in part),
        votes_a_rater=tuple(sorted(votes_by_rater[rater.id] for _, rater in part)),
        screening=_screening([invitation.screening for invitation, _ in part]),
        excluded=tuple(
            Excluded(rater.pseudonym, invitation.exclusion_reason or "", votes_by_rater[rater.id])
            for invitation, rater in people
            if invitation.excluded_at is not None
        ),
        seconds=median(seconds) if seconds else None,
        **_missing(session, study),
        dealt=session.scalar(dealt) is not None,
    )


def _missing(session: Session, study: Study) -> dict[str, int]:
    answered = exists().where(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id)
    left = select(func.count(), func.count(Assignment.rater_id.distinct())).join(Trial, Trial.id == Assignment.trial_id)
    count, raters = session.execute(left.where(Trial.study_id == study.id, ~answered)).one()
    return {"unanswered": count, "unanswered_raters": raters}


def _counted_by_trial(study: Study):
    counted = counted_votes(study.id).subquery()
    return select(counted.c.trial_id, func.count()).group_by(counted.c.trial_id)


def _doors(session: Session, study: Study) -> dict[str, int]:
    """Who came by a recruitment link and is no rater: nothing else is stored of them. Nothing where there was no such link."""
    links = select(func.count(), func.sum(RecruitmentLink.turned_away), func.sum(RecruitmentLink.declined))
    count, turned_away, declined = session.execute(links.where(RecruitmentLink.study_id == study.id)).one()
    return {"Told by a link that there is no place (visits)": turned_away, "Declined on a link's page": declined} if count else {}


def _flow(invited: list[Invitation], voted: set[int]) -> dict[str, int]:
    """How many were left at each step, and who left; who failed a test that was only recorded has passed the screening."""
    agreed = [row for row in invited if row.consented_at is not None]
    unasked = sum(row.consented_at is None for row in invited if row.id in voted)
    consented = [row for row in invited if row.consented_at is not None or row.id in voted]
    screened = [row for row in consented if row.outcome is not Outcome.SCREENED_OUT and (row.excluded_at is None or row.id in voted)]
    answered = [row for row in screened if row.id in voted]
    withdrawn = sum(row.outcome is Outcome.WITHDRAWN for row in invited)
    return {
        "Invited, or came by a link": len(invited),
        "Agreed to take part, on record": len(agreed),
        **({"Voted without a consent on record": unasked} if unasked else {}),
        "Let in by the screening": len(screened),
        "Gave at least one vote": len(answered),
        "Answered all that they were given": sum(row.finished_at is not None for row in answered),
        **({"Withdrew": withdrawn} if withdrawn else {}),
        "Counted": sum(row.excluded_at is None and row.is_counted for row in answered),
    }


def _votes_of(study: Study, *columns: Any):
    return select(*columns).select_from(Rating).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)


def _material(session: Session, study: Study) -> dict[str, Any]:
    kinds = dict(session.execute(select(Trial.kind, func.count(Trial.id)).where(Trial.study_id == study.id).group_by(Trial.kind)).all())
    regular = (Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    levels = select(Caption.level, func.count(Trial.id)).join(Trial, Trial.caption_id == Caption.id).where(*regular).group_by(Caption.level)
    systems = session.scalars(select(Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(*regular).distinct())
    return {
        "systems": tuple(sorted(systems)),
        "images": session.scalar(select(func.count(Trial.image_id.distinct())).where(*regular)),
        "trials": kinds.get(TrialKind.REGULAR, 0),
        "described": session.scalar(select(func.count(Trial.id)).where(*regular, Trial.caption_text.is_not(None))),
        "levels": dict(session.execute(levels).all()),
        "watching": {kind: kinds[kind] for kind in TrialKind if kind is not TrialKind.REGULAR and kind in kinds},
    }


def _screening(outcomes: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """By test: passed and taken; an outcome is {"passed": bool, …} or a truth value."""
    by_test: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        for test, value in outcome.items():
            passed, taken = by_test.get(test, (0, 0))
            by_test[test] = (passed + bool(value["passed"] if isinstance(value, dict) else value), taken + 1)
    return dict(sorted(by_test.items()))
