"""The job that writes a release as files."""

from pathlib import Path
from typing import Any

from pipelines.job import JobContext, Plan, Tally
from workbench import exports, releases


def plan(context: JobContext) -> Plan:
    """One batch: an export is written whole or not at all."""
    with context.store.reading() as session:
        count = sum(1 for _ in releases.items(session, context.parameters["release_id"]))
    return Plan([{}], count)


def folder_of(context: JobContext) -> Path:
    """The folder asked for, else one named by release, version and format under the store's exports."""
    asked = context.parameters
    if asked["folder"]:
        return Path(asked["folder"])
    with context.store.reading() as session:
        release = releases.by_id(session, asked["release_id"])
    return context.store.settings.exports / f"{release.name}-{release.version}-{asked['format']}"


def step(context: JobContext, _batch: dict[str, Any]) -> Tally:
    """Write the export."""
    asked, folder = context.parameters, folder_of(context)

    def heard(done: int, _total: int) -> None:
        context.check()
        context.report(Tally(done=done))

    with context.store.writing() as session:
        export = exports.write(
            session, context.store.media, asked["release_id"], asked["format"], folder, run_id=context.run_id, progress=heard
        )
        facts = {"export_id": export.id, "folder": export.location, "files": export.files, "bytes": export.bytes}
    with context.store.reading() as session:
        count = sum(1 for _ in releases.items(session, asked["release_id"]))
    return Tally(done=count, findings=[facts])


def finish(_context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the files are, how many, and their size in bytes."""
    return findings[0]
