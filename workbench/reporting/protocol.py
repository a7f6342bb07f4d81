"""What was done in a study, told from what the store holds: who, how many, wording, order, screening, exclusions."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Assignment, Invitation, Rater, Rating, Stimulus, Study, Trial
from workbench import dealing
from workbench.trials import study_of

__all__ = ["Protocol", "Row", "protocol_of"]


@dataclass(frozen=True)
class Row:
    """A line of the protocol: what is asked, and the answer."""

    name: str
    value: str


@dataclass(frozen=True)
class Protocol:
    """The facts of a study."""

    study: Study
    rows: list[Row]
    exclusions: list[Row]
    """By excluded rater, the reason and how many votes that took."""


METHODS = {
    "pair": "pair comparison: two pictures, which one is better (ITU-T P.910, pair comparison)",
    "choice": "choice of the best of several pictures",
    "category": "absolute category rating: one picture, a number on each scale (ITU-T P.910, ACR)",
    "ranking": "ranking of several pictures from best to worst",
}


def protocol_of(session: Session, study_id: int) -> Protocol:
    """The protocol of a study as it stands; raises NotFoundError."""
    study = study_of(session, study_id)
    people = list(session.execute(select(Invitation, Rater).join(Rater).where(Invitation.study_id == study.id).order_by(Invitation.id)))
    given = Counter(dict(session.execute(_votes_of(study).group_by(Rating.rater_id)).all()))
    rows = [
        *_question(study),
        *_material(session, study),
        *_raters(people, given),
        *_procedure(session, study),
        Row("Color-vision and display screening", _screening(people, given)),
    ]
    excluded = [
        Row(rater.pseudonym, f"{invitation.exclusion_reason} ({given[rater.id]} votes left out)")
        for invitation, rater in people
        if invitation.excluded_at is not None
    ]
    rows.append(Row("Excluded raters", f"{len(excluded)} of {sum(given[rater.id] > 0 for _, rater in people)} who voted"))
    return Protocol(study, rows, excluded)


def _votes_of(study: Study):
    return select(Rating.rater_id, func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)


def _question(study: Study) -> list[Row]:
    rows = [Row("Question, as asked", f"“{study.question}”"), Row("Method", METHODS[study.method.value])]
    if dealing.scales_of(study):
        scales = (f"{scale.name} (1 to {scale.points})" for scale in dealing.scales_of(study))
        rows.append(Row("Scales", ", ".join(scales)))
    elif study.method.value == "pair":
        rows.append(Row("Ties", "allowed; a tie counts as half a win for both" if dealing.takes_ties(study) else "not allowed"))
    return rows


def _material(session: Session, study: Study) -> list[Row]:
    kinds = dict(session.execute(select(Trial.kind, func.count(Trial.id)).where(Trial.study_id == study.id).group_by(Trial.kind)).all())
    regular = (Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    images = session.scalar(select(func.count(Trial.image_id.distinct())).where(*regular))
    systems = session.scalars(select(Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(*regular).distinct())
    captioned = session.scalar(select(func.count(Trial.id)).where(*regular, Trial.caption_text.is_not(None)))
    watching = ", ".join(f"{kinds[kind]} {kind.value}" for kind in TrialKind if kind is not TrialKind.REGULAR and kind in kinds)
    return [
        Row("Systems compared", ", ".join(sorted(systems))),
        Row("Images", str(images)),
        Row("Trials", f"{kinds.get(TrialKind.REGULAR, 0)}, {captioned} of them with the description shown"),
        Row("Trials with a known answer or for training", watching or "none"),
        Row("Votes asked for a trial", str(study.votes_per_trial)),
    ]


def _raters(people: list, given: Counter) -> list[Row]:
    took_part = [(invitation, rater) for invitation, rater in people if given[rater.id]]
    simulated = sum(rater.simulated for _, rater in took_part)
    cohorts = Counter(invitation.cohort or "no cohort named" for invitation, _ in took_part)
    consented = sum(invitation.consented_at is not None for invitation, _ in took_part)
    counts = [given[rater.id] for _, rater in took_part]
    return [
        Row("Raters", f"{len(took_part)} voted, of {len(people)} invited"
            + (f"; {simulated} of those who voted are simulated, not people" if simulated else "")),
        Row("Cohorts", ", ".join(f"{name}: {count}" for name, count in sorted(cohorts.items())) or "none"),
        Row("Consent on record", f"{consented} of {len(took_part)}"),
        Row("Finished", f"{sum(invitation.finished_at is not None for invitation, _ in took_part)} of {len(took_part)}"),
        Row("Votes a rater", f"{min(counts)} to {max(counts)}, median {median(counts):g}" if counts else "none"),
    ]  # fmt: skip


def _procedure(session: Session, study: Study) -> list[Row]:
    sides = session.scalar(select(func.count(Assignment.id)).join(Trial, Trial.id == Assignment.trial_id).where(Trial.study_id == study.id))
    seconds = list(session.scalars(_votes_of(study).with_only_columns(Rating.seconds).where(Rating.seconds.is_not(None))))
    order = (
        f"for each rater anew from the study's seed ({study.seed}): the order of trials, those with fewest votes and images seen least "
        "often first, and the side (place) of each picture; nothing on the page names a system"
    )
    return [
        Row("Randomization", order if sides else "votes were given elsewhere and imported; the order shown is not known here"),
        Row("Time of an answer", f"median {median(seconds):.1f} s" if seconds else "not recorded"),
        Row("Period", f"{_day(study.opened_at)} to {_day(study.closed_at) if study.closed_at else 'now (not closed)'}"),
    ]


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "not opened"


def _screening(people: list, given: Counter) -> str:
    """The outcome by test: `Invitation.screening` holds {test: {"passed": bool, …}}."""
    passed: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for invitation, rater in people:
        if not given[rater.id]:
            continue
        for test, outcome in invitation.screening.items():
            taken[test] += 1
            passed[test] += bool(_passed(outcome))
    return ", ".join(f"{test.replace('_', ' ')}: {passed[test]} of {taken[test]} passed" for test in sorted(taken)) or "none on record"


def _passed(outcome: Any) -> bool:
    return outcome["passed"] if isinstance(outcome, dict) else outcome
