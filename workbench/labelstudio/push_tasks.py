"""Tasks onto a server: a project for each kind of work, pictures uploaded once, no task twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import TaskKind
from db.models import LabelStudioProject, Study
from workbench.errors import ConflictError
from workbench.images import gray_png
from workbench.labelstudio import labeling_configs
from workbench.labelstudio.tasks import GRAY, Draft, caption_drafts, region_drafts, study_drafts, trial_sizes
from workbench.store import MediaStore, batches

if TYPE_CHECKING:  # it loads the SDK, which is an extra
    from workbench.labelstudio.server import Server

__all__ = ["PICTURES_TITLE", "Work", "drafts_of", "project_of", "push"]

PICTURES_TITLE = "workbench: pictures"
"""The project that holds the uploaded pictures."""
BATCH = 20


@dataclass(frozen=True)
class Work:
    """What to push: a kind of task, over the images or captions that match a query, or over a study's trials."""

    kind: TaskKind
    query: str = ""
    study: Study | None = None
    predicted: bool = False
    """Whether the tasks of a study say what adherence expects; raters would see it."""
    title: str = ""

    @property
    def name(self) -> str:
        """The project's title: the one asked for, else one that says what it is."""
        return self.title or (f"workbench: study {self.study.name}" if self.study else f"workbench: {self.kind}")


def drafts_of(session: Session, work: Work) -> Iterator[Draft]:
    """The tasks of a work."""
    if work.study is not None:
        return study_drafts(session, work.study, predicted=work.predicted)
    return caption_drafts(session, work.query) if work.kind is TaskKind.CAPTIONS else region_drafts(session, work.query)


def project_of(session: Session, server: "Server", work: Work) -> LabelStudioProject:
    """The project for a work, made where there is none, or where the one that was there is gone from the server.

    Raises ConflictError where the title belongs to a project of another kind, or of nobody we know.
    """
    known = session.scalar(
        select(LabelStudioProject).where(LabelStudioProject.server == server.address, LabelStudioProject.title == work.name)
    )
    study_id = work.study.id if work.study else None
    if known is not None and (known.kind, known.study_id) != (work.kind, study_id):
        raise ConflictError(f'The project "{work.name}" has tasks of another kind ({known.kind}); name another title.')
    if known is not None and server.has(known.project):
        return known
    if known is not None:
        session.delete(known)
        session.flush()
    elif server.find(work.name) is not None:
        raise ConflictError(f'{server.address} has a project "{work.name}" that this store did not make; name another title.')
    form = _FORMS[work.kind] if work.study is None else _study_form(session, work.study)
    number = server.make(work.name, form, "Made by lcad-workbench; its tasks are known by data.wb_id.")
    project = LabelStudioProject(server=server.address, project=number, title=work.name, kind=work.kind, study_id=study_id)
    session.add(project)
    session.flush()
    return project


def _study_form(session: Session, study: Study) -> str:
    least, most = trial_sizes(session, study)
    return labeling_configs.study_form(study, most, least)


_FORMS = {TaskKind.CAPTIONS: labeling_configs.CAPTIONS, TaskKind.REGIONS: labeling_configs.REGIONS}


def push(media: MediaStore, server: "Server", project: int, drafts: list[Draft]) -> Iterator[int]:
    """Put the tasks that are not there yet onto the server, some at a time; yield how many at each."""
    existing = server.keys(project)
    fresh = [draft for draft in drafts if draft.key not in existing]
    pictures = server.find(PICTURES_TITLE) if fresh else None
    if fresh and pictures is None:
        pictures = server.make(
            PICTURES_TITLE, labeling_configs.PICTURES, "Pictures that the tasks of lcad-workbench show; it has no tasks."
        )
    addresses: dict[tuple[str, bool], str] = {}
    for some in batches(fresh, BATCH):
        shown = {(key, name == GRAY) for draft in some for name, key in draft.pictures.items()}
        missing = sorted(shown - addresses.keys())
        if pictures is not None:
            uploaded = server.upload(pictures, [_file(media, *each) for each in missing])
            addresses |= dict(zip(missing, uploaded, strict=True))
        server.add(project, [_task(draft, addresses) for draft in some])
        yield len(some)


def _file(media: MediaStore, key: str, gray: bool) -> tuple[str, bytes]:
    """A picture to upload, under a name that says nothing of what made it."""
    content = media.read(key)
    return ("picture.png", gray_png(content)) if gray else (f"picture{PurePosixPath(key).suffix}", content)


def _task(draft: Draft, addresses: dict[tuple[str, bool], str]) -> dict:
    shown = {name: addresses[key, name == GRAY] for name, key in draft.pictures.items()}
    return {"data": {**draft.data, **shown, "wb_id": draft.key}, "predictions": draft.predictions}
