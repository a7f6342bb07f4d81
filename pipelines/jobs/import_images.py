"""The job that brings pictures with their captions and masks into the store, a batch a step; what cannot be read fails with its reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines.worker.job import JobContext, Plan, Tally, batches_of
from workbench import images, importing
from workbench.images import ingest, thumbnails
from workbench.importing import Collection, Intake, Item

BATCH = 32
PROBLEMS = "problems"
KINDS = ("color", "gray")


@dataclass(frozen=True)
class Wanted:
    """What is imported, in which format, with which table of captions (see `importing.collect`), and the name of its source."""

    paths: tuple[str, ...]
    source: str
    format: str = "auto"
    captions: str | None = None


def wanted_by(parameters: dict[str, Any]) -> Wanted:
    """What a run's parameters ask for; without a name the first path gives it."""
    paths = tuple(parameters["paths"])
    return Wanted(paths, parameters["source"] or Path(paths[0]).stem, parameters["format"], parameters["captions"])


def plan(context: JobContext) -> Plan:
    """The pictures of all paths, and as a last batch what the tables name but nothing holds."""
    return plan_of(context, wanted_by(context.parameters))


def plan_of(context: JobContext, wanted: Wanted) -> Plan:
    """The plan of an import."""
    collection = _collected(context.run_id, wanted)
    references = list(collection.references())
    problems = sum(1 for _ in collection.problems())
    return Plan([*batches_of(references, BATCH), *([PROBLEMS] if problems else [])], len(references) + problems)


@lru_cache(maxsize=2)
def _collected(_run_id: int, wanted: Wanted) -> Collection:
    """The collection of a run, opened once a process."""
    return importing.collect(wanted.paths, wanted.format, wanted.captions)


def step(context: JobContext, batch: list[str] | str) -> Tally:
    """Read a batch of pictures, store it whole, and make its thumbnails."""
    return step_of(context, batch, wanted_by(context.parameters))


def step_of(context: JobContext, batch: list[str] | str, wanted: Wanted) -> Tally:
    """The step of an import."""
    collection = _collected(context.run_id, wanted)
    return take_in(context, collection.problems() if batch == PROBLEMS else collection.items(batch), wanted.source)


def take_in(context: JobContext, items: Iterable[Item], source: str) -> Tally:
    """Store items whole, with thumbnails; what is there already is passed over, what cannot be read fails with its reason."""
    prepared = importing.prepare(items, context.store.media)
    context.check()
    with context.store.writing() as session:
        intake = importing.store(
            session,
            context.store.media,
            prepared,
            source=source,
            index=ingest.near_index(session),
            author=context.author,
            run_id=context.run_id,
        )
    for failure in intake.failures:
        context.failed(failure.name, failure.reason)
    _make_thumbnails(context, intake)
    unread = len(prepared) - len(intake.image_ids)
    return Tally(done=len(intake.added), failed=unread, skipped=len(intake.duplicates), findings=[_counts(intake)])


def _make_thumbnails(context: JobContext, intake: Intake) -> None:
    with context.store.reading() as session:
        keys = [images.get(session, image_id).upright_key for image_id in intake.added]
    for key in keys:
        for kind in KINDS:
            thumbnails.thumbnail(context.store.settings, context.store.media, key, kind)


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
    return {name: sum(found[name] for found in findings) for name in _counts(Intake())}
