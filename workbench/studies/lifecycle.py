"""Human experiments: their design, their trials, who is invited, and how far they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, not_, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import RatingMethod, StudyStatus, TrialKind
from db.models import Invitation, Rater, Rating, Study, Trial
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.store import events, snapshots
from workbench.studies import trials
from workbench.studies.counted_votes import counted_votes
from workbench.studies.design_io import check_rules


@dataclass(frozen=True)
class Progress:
    """How far a study is: votes on regular trials against those it asks for."""

    trials: int
    trials_done: int
    """Trials that have all their votes."""
    votes: int
    needed: int
    raters: int
    """Raters who gave at least one vote."""
    invited: int
    simulated_votes: int
    set_aside: int = 0
    """Trials of any kind that are shown to nobody because a picture of theirs is damaged; the counts above leave them out."""
    curator_votes: int = 0
    """Ratings of the study's curators that the results leave out."""


def create(
    session: Session,
    *,
    name: str,
    question: str,
    method: RatingMethod | str,
    design: Mapping[str, Any] | None = None,
    seed: int = 0,
    votes_per_trial: int,
    author: str = "workbench",
    run_id: int | None = None,
) -> Study:
    """A new study in draft.

    `design` holds rules (`designs.Rules`) as plain values; what it leaves out is as usual. Raises InvalidInputError for an empty
    name or question, an unknown method, fewer than one vote or a broken design, ConflictError where the name is taken.
    """
    study = new(
        session, name=name, question=question, method=method, design=design, seed=seed, votes_per_trial=votes_per_trial, run_id=run_id
    )  # fmt: skip
    session.add(study)
    session.flush()
    record_new(session, study, author=author, run_id=run_id)
    return study


def new(
    session: Session,
    *,
    name: str,
    question: str,
    method: RatingMethod | str,
    design: Mapping[str, Any] | None,
    seed: int,
    votes_per_trial: int,
    run_id: int | None,
) -> Study:
    """A study in draft that is not in the store yet; raises as `create` does."""
    if not name.strip() or not question.strip():
        raise InvalidInputError("A study needs a name and a question.")
    if not isinstance(votes_per_trial, int) or votes_per_trial < 1:
        raise InvalidInputError(f"A study asks for at least one vote a trial; got {votes_per_trial!r}.")
    if not isinstance(design or {}, Mapping):
        raise InvalidInputError(f"A study's design is a mapping of its parts; got {design!r}.")
    require_free_name(session, name)
    study = Study(
        name=name,
        question=question,
        method=_method(method),
        design=dict(design or {}),
        seed=seed,
        votes_per_trial=votes_per_trial,
        run_id=run_id,
    )
    check_rules(study.design, study.method)
    return study


def record_new(session: Session, study: Study, *, author: str, run_id: int | None) -> None:
    """Write down that a study was created."""
    after = snapshots.snapshot(session, "study", study.id)
    events.record(session, actor=author, action="create", subject="study", subject_id=study.id, before=None, after=after, run_id=run_id)


def whole() -> Select[Any]:
    """All studies but those that are being entered."""
    return select(Study).where(Study.entering_at.is_(None))


def require_free_name(session: Session, name: str) -> None:
    """Raise ConflictError where a study has the name."""
    if session.scalar(select(exists().where(Study.name == name))):
        raise ConflictError(f'There is a study "{name}" already; choose another name.')


def _method(method: RatingMethod | str) -> RatingMethod:
    try:
        return RatingMethod(method)
    except ValueError:
        raise InvalidInputError(f'There is no rating method "{method}"; there are {", ".join(RatingMethod)}.') from None


def get(session: Session, study_id: int) -> Study:
    """The study with an id; raises NotFoundError."""
    return trials.study_of(session, study_id)


def by_name(session: Session, name: str) -> Study:
    """The study of a name; raises NotFoundError that lists the names there are."""
    study = session.scalar(whole().where(Study.name == name))
    if study is None:
        known = ", ".join(session.scalars(whole().with_only_columns(Study.name).order_by(Study.id))) or "none yet"
        raise NotFoundError(f'There is no study "{name}"; there are: {known}.')
    return study


def listing(session: Session, *, status: StudyStatus | None = None) -> list[Study]:
    """All studies, newest first, or those of one status."""
    statement = whole().order_by(Study.id.desc())
    return list(session.scalars(statement if status is None else statement.where(Study.status == status)))


def open_study(session: Session, study_id: int, *, actor: str) -> Study:
    """Let raters in, for the first time or again; raises ConflictError where there is no trial to show."""
    study = get(session, study_id)
    if not session.scalar(select(exists().where(Trial.study_id == study.id))):
        raise ConflictError(f'The study "{study.name}" has no trials yet; add some before opening it.')
    return _set_status(session, study, StudyStatus.OPEN, actor)


def close(session: Session, study_id: int, *, actor: str) -> Study:
    """Take no more ratings; it can be opened again."""
    return _set_status(session, get(session, study_id), StudyStatus.CLOSED, actor)


def _set_status(session: Session, study: Study, status: StudyStatus, actor: str) -> Study:
    if study.status == status:
        return study
    before = {"status": study.status, "opened_at": study.opened_at, "closed_at": study.closed_at}
    study.status = status
    if status is StudyStatus.OPEN:
        study.opened_at, study.closed_at = study.opened_at or now(), None
    else:
        study.closed_at = now()
    session.flush()
    after = {"status": study.status, "opened_at": study.opened_at, "closed_at": study.closed_at}
    action = "open" if status is StudyStatus.OPEN else "close"
    events.record(session, actor=actor, action=action, subject="study", subject_id=study.id, before=before, after=after)
    return study


def progress(session: Session, study_id: int) -> Progress:
    """How far a study is; raises NotFoundError."""
    study = get(session, study_id)
    of_study = select(func.count(Trial.id)).where(Trial.study_id == study.id)
    count = session.execute(of_study.where(Trial.kind == TrialKind.REGULAR, Trial.set_aside_at.is_(None))).scalar_one()
    shown = counted_votes(study.id).where(Trial.set_aside_at.is_(None))
    by_trial = list(session.scalars(shown.with_only_columns(func.count(Rating.id)).group_by(Rating.trial_id)))
    curators = select(func.count(Rating.id)).join(Invitation, Invitation.rater_id == Rating.rater_id)
    curators = curators.join(Trial, (Trial.id == Rating.trial_id) & (Trial.study_id == Invitation.study_id))
    curators = curators.where(Invitation.study_id == study.id, not_(Invitation.is_counted), Trial.kind == TrialKind.REGULAR)
    by_rater = session.execute(
        counted_votes(study.id)
        .join(Rater, Rater.id == Rating.rater_id)
        .with_only_columns(Rater.simulated, func.count(Rating.id))
        .group_by(Rater.id, Rater.simulated)
    ).all()
    return Progress(
        trials=count,
        trials_done=sum(votes >= study.votes_per_trial for votes in by_trial),
        votes=sum(by_trial),
        needed=count * study.votes_per_trial,
        raters=len(by_rater),
        invited=session.execute(select(func.count(Invitation.id)).where(Invitation.study_id == study.id)).scalar_one(),
        simulated_votes=sum(votes for simulated, votes in by_rater if simulated),
        set_aside=session.execute(of_study.where(Trial.set_aside_at.is_not(None))).scalar_one(),
        curator_votes=session.execute(curators).scalar_one(),
    )
