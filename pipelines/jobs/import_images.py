"""The job that brings pictures with their captions and masks into the store, a batch a step; what cannot be read fails with its reason."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError, StatementError

from pipelines.jobs import compare_images
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images, importing
from workbench.errors import WorkbenchError
from workbench.images import Credit, thumbnails
from workbench.imaging import NearIndex
from workbench.importing import Collection, Failure, Intake, Item, PreparedItem

log = logging.getLogger("workbench.jobs")

BATCH = 32
PROBLEMS = "problems"


@dataclass(frozen=True)
class ImportRequest:
    """What is imported, in which format, with which table of captions (see `importing.collect`), and where it is from.

    A source that is named holds for all; without one, that which is told of a picture goes before the name of the first path.
    """

    paths: tuple[str, ...]
    source: str
    format: str = "auto"
    captions: str | None = None
    credit: Credit = field(default_factory=Credit)


def request_of(parameters: dict[str, Any]) -> ImportRequest:
    """What a run's parameters ask for; without a name the first path gives it."""
    paths = tuple(parameters["paths"])
    credit = Credit(*(parameters.get(name) or None for name in ("source", "author", "license", "url")))
    return ImportRequest(paths, parameters["source"] or Path(paths[0]).stem, parameters["format"], parameters["captions"], credit)


def plan(context: JobContext) -> Plan:
    """The pictures of all paths, and as a last batch what the tables name but nothing holds."""
    return plan_of(context, request_of(context.parameters))


def plan_of(context: JobContext, request: ImportRequest) -> Plan:
    """The plan of an import."""
    collection = _collected(context.run_id, request)
    references = list(collection.references())
    problems = sum(1 for _ in collection.problems())
    return Plan([*batches_of(references, BATCH), *([PROBLEMS] if problems else [])], len(references) + problems)


@lru_cache(maxsize=2)
def _collected(_run_id: int, request: ImportRequest) -> Collection:
    """The collection of a run, opened once a process."""
    return importing.collect(request.paths, request.format, request.captions)


def step(context: JobContext, batch: list[str] | str) -> StepResult:
    """Read a batch of pictures, store it whole, and make its thumbnails."""
    return step_of(context, batch, request_of(context.parameters))


def step_of(context: JobContext, batch: list[str] | str, request: ImportRequest) -> StepResult:
    """The step of an import."""
    collection = _collected(context.run_id, request)
    items = collection.problems() if batch == PROBLEMS else collection.items(batch)
    return take_in(context, items, request.source, request.credit)


def take_in(context: JobContext, items: Iterable[Item], source: str, credit: Credit = Credit()) -> StepResult:
    """Store items whole, with thumbnails; what is there already is passed over, what cannot be read fails with its reason."""
    prepared = importing.prepare(items, context.store.media, credit)
    context.check()
    intake = _stored(context, prepared, source)
    intake.near_duplicates += compare_images.find_crops(context, intake.added)
    for failure in intake.failures:
        context.failed(failure.name, failure.reason)
    _keep_thumbnails(context, prepared)
    unread = len(prepared) - len(intake.image_ids)
    return StepResult(done=len(intake.added), failed=unread, skipped=len(intake.duplicates), findings=[_counts(intake)])


def _stored(context: JobContext, prepared: Sequence[PreparedItem | Failure], source: str) -> Intake:
    """The batch written in one transaction; where something in it cannot be, each item in its own, so that it costs itself alone."""
    try:
        return _import(context, prepared, source)
    except OperationalError:  # the database is away or full: no item is to blame
        raise
    except (WorkbenchError, StatementError, ValueError, TypeError, OverflowError) as error:
        if len(prepared) == 1:
            log.warning("an item of run %s could not be stored", context.run_id, exc_info=True)
            (entry,) = prepared
            name = entry.name if isinstance(entry, Failure) else entry.item.name
            return Intake(failures=[Failure(name, f"It cannot be stored as it is: {_reason(error)}")])
    whole = Intake()
    for entry in prepared:
        whole.add(_stored(context, [entry], source))
    return whole


def _reason(error: Exception) -> str:
    """What was wrong, without the statement and the values that a database's error repeats."""
    return str(getattr(error, "orig", None) or error)


def _import(context: JobContext, prepared: Sequence[PreparedItem | Failure], source: str) -> Intake:
    index = _near_index(context.store.settings.database_url, context.run_id)
    with context.store.reading() as session:
        images.catch_up(session, index)
    near = importing.likenesses(index, prepared)
    with context.store.writing() as session:
        return importing.store(session, prepared, source=source, near=near, author=context.author, run_id=context.run_id)


@lru_cache(maxsize=1)
def _near_index(_store: str, _run_id: int) -> NearIndex:
    """The perceptual hashes of a store's images, read once for a run in a process."""
    return NearIndex()


def _keep_thumbnails(context: JobContext, prepared: Sequence[PreparedItem | Failure]) -> None:
    for entry in prepared:
        if isinstance(entry, PreparedItem):
            thumbnails.keep(context.store.settings, entry.picture.upright_key, entry.picture.thumbnails)


def _counts(intake: Intake) -> dict[str, int]:
    return {
        "images": len(intake.added),
        "duplicates": len(intake.duplicates),
        "near_duplicates": intake.near_duplicates,
        "captions": intake.captions,
        "regions": intake.regions,
        "groundings": intake.groundings,
    }


def finish(_context: JobContext, findings: list[dict[str, int]]) -> dict[str, Any]:
    """What the import added, and how many pictures were there already or resemble others."""
    return {name: sum(counts[name] for counts in findings) for name in _counts(Intake())}
