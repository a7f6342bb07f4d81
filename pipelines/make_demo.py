"""The job that fills a store with the demo: photos of installed packages and composed scenes, described at three levels, with masks.

The pictures go through the same import as a user's files; their colorizations are asked for as a run of their own.
"""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Origin, RegionOrigin
from db.models import Caption, Image, Region, Run
from pipelines.demo import write_demo
from pipelines.job import JobContext, Plan, Tally, batches_of
from workbench import captions, images, regions, runs, thumbnails
from workbench.errors import WorkbenchError

BATCH = 4
SOURCE = "demo"
COLORIZE = {"query": f"source:{SOURCE}"}


def folder_of(context: JobContext) -> Path:
    """Where the demo's files are written: under the store's home."""
    return context.store.settings.home / "demo"


def plan(context: JobContext) -> Plan:
    """The demo's pictures, written as files; what cannot be made here is recorded with its reason."""
    files = write_demo(folder_of(context), context.parameters["size"])
    for reason in files.missing:
        context.skipped(reason.split(":")[0], reason)
    rows = files.metadata.read_text(encoding="utf-8").splitlines()
    return Plan(batches_of(list(range(len(rows))), BATCH), len(rows))


def step(context: JobContext, batch: list[int]) -> Tally:
    """Bring a batch of pictures into the store with their captions, masks and groundings."""
    folder, tally = folder_of(context), Tally()
    if not (folder / "metadata.jsonl").exists():  # another machine wrote them
        write_demo(folder, context.parameters["size"])
    rows = (folder / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    for index in batch:
        context.check()
        row = json.loads(rows[index])
        try:
            _bring_in(context, row, (folder / "images" / row["file_name"]).read_bytes())
            tally += Tally(done=1)
        except (WorkbenchError, OSError) as error:
            context.failed(row["file_name"], str(error))
            tally += Tally(failed=1)
        context.report(tally)
    return tally


def _bring_in(context: JobContext, row: dict[str, Any], content: bytes) -> None:
    with context.store.writing() as session:
        outcome = images.import_file(
            session,
            context.store.media,
            content,
            file_name=row["file_name"],
            source=SOURCE,
            run_id=context.run_id,
            license=row["license"],
            attributes={"provenance": row["source"]},
            actor=context.author,
        )
        image = outcome.image
        for tag in row["tags"]:
            images.tag(session, [image.id], tag, actor=context.author)
        drawn = _regions(context, session, image, row["regions"])
        for caption in row["captions"]:
            _describe(context, session, image, caption, drawn)
    for kind in ("color", "gray"):
        thumbnails.thumbnail(context.store.settings, context.store.media, image.upright_key, kind)


def _regions(context: JobContext, session: Session, image: Image, rows: list[dict[str, Any]]) -> dict[str, int]:
    """Ids of the image's regions by their names in the demo."""
    return {
        row["name"]: regions.add_encoded(
            session,
            image.id,
            row["mask"],
            origin=RegionOrigin(row["origin"]),
            label=row["nouns"][0],
            author=context.author,
            run_id=context.run_id,
        ).id
        for row in rows
    }


def _describe(context: JobContext, session: Session, image: Image, row: dict[str, Any], drawn: dict[str, int]) -> None:
    """Add a caption, and ground each of its mentions on the regions whose phrase it shares."""
    caption = captions.add(
        session,
        image.id,
        row["text"],
        level=CaptionLevel(row["level"]),
        text_origin=Origin.HUMAN,
        level_origin=Origin.HUMAN,
        author=context.author,
        run_id=context.run_id,
    )
    for grounded in regions.for_caption(session, caption.id):
        mention = grounded.mention
        for phrase in row["phrases"]:
            if mention.start < phrase["end"] and phrase["start"] < mention.end:
                region_id = drawn[phrase["region"]]
                regions.ground(session, mention.id, region_id, origin=Origin.HUMAN, actor=context.author, run_id=context.run_id)


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
