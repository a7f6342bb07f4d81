"""The job that writes a release as files."""

import time
from pathlib import Path
from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import exports, releases
from workbench.exports import Progress

TOLD_SECONDS = 0.5
"""How often a run says how far it is, and looks whether it was cancelled: each takes longer than writing an item."""


def plan(context: JobContext) -> Plan:
    """One batch: an export is written whole or not at all."""
    with context.store.reading() as session:
        return Plan([{}], releases.summary(session, context.parameters["release_id"]).items)


def folder_of(context: JobContext) -> Path:
    """The folder asked for, else one named by release, version and format under the store's exports."""
    parameters = context.parameters
    if parameters["folder"]:
        return Path(parameters["folder"])
    with context.store.reading() as session:
        release = releases.by_id(session, parameters["release_id"])
    return context.store.settings.exports / f"{release.name}-{release.version}-{parameters['format']}"


def step(context: JobContext, _batch: dict[str, Any]) -> StepResult:
    """Write the export."""

    def heard(done: int, _total: int) -> None:
        context.check()
        context.report(StepResult(done=done))

    return write_export(context, context.parameters["format"], folder_of(context), heard)


def write_export(context: JobContext, format: str, folder: Path, heard: Progress) -> StepResult:  # noqa: A002  (the word of the command line)
    """Write the run's release into a folder and enter the export; no transaction is held while files are written."""
    release_id, media = context.parameters["release_id"], context.store.media
    keep_metadata = context.parameters.get("keep_metadata", False)
    with context.store.reading() as session:
        exported = exports.write_files(
            session, media, release_id, format, folder, keep_metadata=keep_metadata, progress=_now_and_then(heard)
        )
        items = releases.summary(session, release_id).items
    with context.store.writing() as session:
        export = exports.record(session, release_id, format, folder, exported, actor=context.author, run_id=context.run_id)
        facts = {"export_id": export.id, "folder": export.location, "files": export.files, "bytes": export.bytes}
    return StepResult(done=items, findings=[facts])


def _now_and_then(heard: Progress) -> Progress:
    """Progress that is heard at the first item, at the last, and every TOLD_SECONDS between."""
    told = float("-inf")

    def hear(done: int, total: int) -> None:
        nonlocal told
        if done == total or time.monotonic() - told >= TOLD_SECONDS:
            heard(done, total)
            told = time.monotonic()

    return hear


def finish(_context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the files are, how many, and their size in bytes."""
    return findings[0]
