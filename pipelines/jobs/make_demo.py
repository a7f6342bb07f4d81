"""The job that fills a store with the demo: photos of installed packages and composed scenes, described at three levels, with masks.

The demo is written as files and goes through the same import as a user's; its colorizations are asked for as a run of their own.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select

from db.models import Caption, Image, Region, Run
from pipelines.demo import write_demo
from pipelines.jobs import import_images
from pipelines.jobs.import_images import ImportRequest
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import runs
from workbench.images import Credit

SOURCE = "demo"
COLORIZE = {"query": f"source:{SOURCE}"}


def folder_of(context: JobContext) -> Path:
    """Where the demo's files are written: under the store's home."""
    return context.store.settings.home / "demo"


def plan(context: JobContext) -> Plan:
    """The demo's pictures, written as files; what cannot be made here is recorded with its reason."""
    files = write_demo(folder_of(context), context.parameters["size"], context.parameters["studios"])
    for reason in files.missing:
        context.skipped(reason.split(":")[0], reason)
    return import_images.plan_of(context, ImportRequest((str(files.metadata),), SOURCE, credit=Credit(source=SOURCE)))


def step(context: JobContext, batch: list[str]) -> StepResult:
    """Import a batch of the demo's pictures with their captions, masks and groundings."""
    metadata = folder_of(context) / "metadata.jsonl"
    if not metadata.exists():  # another machine wrote them
        write_demo(folder_of(context), context.parameters["size"], context.parameters["studios"])
    return import_images.step_of(context, batch, ImportRequest((str(metadata),), SOURCE, credit=Credit(source=SOURCE)))


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """What the demo store holds; asks for the colorizations where they were not left out."""
    with context.store.writing() as session:
        of_demo = select(Image.id).where(Image.source == SOURCE)
        summary = {
            "images": session.scalar(select(func.count()).select_from(of_demo.subquery())),
            "captions": session.scalar(select(func.count(Caption.id)).where(Caption.image_id.in_(of_demo))),
            "regions": session.scalar(select(func.count(Region.id)).where(Region.image_id.in_(of_demo))),
        }
        if context.parameters["colorize"] and not session.scalar(select(exists().where(Run.requested_by == context.author))):
            summary["colorize_run"] = runs.create(session, "colorize_images", COLORIZE, requested_by=context.author).id
        return summary
