"""A pilot: a study gone through as its raters will, before it opens, in a store of its own that is gone afterwards.

What the study shows is copied into a small database in a temporary folder; the pictures stay where they are. So everything happens that
happens to a rater, and nothing of it is in the store.
"""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.orm import Session

from db.base import Base, now
from db.enums import StudyStatus
from db.models import Caption, Image, Stimulus, Study, Trial
from db.schema import upgrade
from db.session import Engines, connect, transaction
from workbench.errors import ConflictError
from workbench.store import batches
from workbench.studies import raters, study_of

MOST = 8
"""Pilots at once in this process; the oldest makes room for a new one."""
LASTS = timedelta(hours=3)


@dataclass
class _Pilot:
    engines: Engines
    folder: tempfile.TemporaryDirectory
    """Removed with this object, at the latest when the process ends."""
    began: datetime = field(default_factory=now)

    def end(self) -> None:
        self.engines.dispose()
        self.folder.cleanup()


_pilots: dict[str, _Pilot] = {}
"""By token. They live in this process: the page of a pilot is served by the process that began it."""


def begin(session: Session, study_id: int) -> str:
    """A new pilot of a study, whatever its status; return the token of its page.

    Raises NotFoundError, and ConflictError where the study has no trials yet.
    """
    study = study_of(session, study_id)
    if session.scalar(select(Trial.id).where(Trial.study_id == study.id).limit(1)) is None:
        raise ConflictError(f'The study "{study.name}" has no trials yet; add some before trying it.')
    _make_room()
    folder = tempfile.TemporaryDirectory(prefix="workbench-pilot-")
    engines = connect(f"sqlite:///{Path(folder.name) / 'pilot.sqlite'}")
    upgrade(engines.writer)
    with transaction(engines.writer) as copy:
        _copy_study(session, copy, study)
        [(_rater, token)] = raters.invite(copy, study.id, 1, cohort=f"{raters.CURATOR}pilot", curator=True)
    _pilots[token] = _Pilot(engines, folder)
    return token


def engines_of(token: str) -> Engines | None:
    """The engines of a pilot's own store; None where the token is none of a pilot's."""
    pilot = _pilots.get(token)
    return pilot.engines if pilot else None


def _make_room() -> None:
    for token, pilot in sorted(_pilots.items(), key=lambda each: each[1].began):
        if len(_pilots) >= MOST or pilot.began < now() - LASTS:
            del _pilots[token]
            pilot.end()


def _copy_study(session: Session, copy: Session, study: Study) -> None:
    of_study = Trial.study_id == study.id
    shown = select(Trial.image_id).where(of_study)
    captions = select(Trial.caption_id).where(of_study)
    trials = select(Trial.id).where(of_study)
    _copy(session, copy, Image, select(Image).where(Image.id.in_(shown)), {"run_id": None})
    _copy(session, copy, Caption, select(Caption).where(Caption.id.in_(captions)), {"run_id": None, "derived_from_id": None})
    status = {"run_id": None, "status": StudyStatus.OPEN, "closed_at": None}
    _copy(session, copy, Study, select(Study).where(Study.id == study.id), status)
    _copy(session, copy, Trial, select(Trial).where(of_study), {})
    _copy(session, copy, Stimulus, select(Stimulus).where(Stimulus.trial_id.in_(trials)), {"colorization_id": None})


def _copy(session: Session, copy: Session, table: type[Base], statement: Select, changes: Mapping[str, Any]) -> None:
    """Rows as they are but for `changes`; what points to tables that are not copied points nowhere."""
    names = [column.key for column in table.__table__.columns]
    kept = {name: value for name, value in changes.items() if name in names}
    rows: Iterable[Any] = session.scalars(statement)
    for some in batches(rows):
        copy.execute(insert(table), [{name: getattr(row, name) for name in names} | kept for row in some])
