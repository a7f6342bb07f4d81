"""The job that gives captions to images that are in the store, from a table, a folder or an archive without pictures."""

from functools import lru_cache
from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench.importing import caption_files
from workbench.importing.items import Notes

BATCH = 200
"""Images in one step."""


def plan(context: JobContext) -> Plan:
    """The images that the file describes, each with its names in the file, and as a last batch what fits none."""
    described = _described(context.run_id, context.parameters["file"], context.parameters["format"])
    with context.store.reading() as session:
        matches = caption_files.match(session, described)
    matched = [[image_id, names] for image_id, names in matches.names.items()]
    unmatched = [{"unmatched": matches.unmatched}] if matches.unmatched else []
    return Plan([*batches_of(matched, BATCH), *unmatched], len(matched) + len(matches.unmatched))


@lru_cache(maxsize=2)
def _described(_run_id: int, file: str, format: str) -> dict[str, Notes]:  # noqa: A002
    """What a run's file says, read once a process."""
    return caption_files.read(file, format)


def step(context: JobContext, batch: list[list[Any]] | dict[str, Any]) -> StepResult:
    """Store the captions of a batch of images; those that are there already are passed over."""
    if isinstance(batch, dict):
        for name, reason in batch["unmatched"]:
            context.failed(name, reason)
        return StepResult(failed=len(batch["unmatched"]))
    described = _described(context.run_id, context.parameters["file"], context.parameters["format"])
    notes = {image_id: caption_files.together(described, names) for image_id, names in batch}
    context.check()
    who, proposed = context.author, context.parameters["proposed"]
    with context.store.writing() as session:
        stored, refused = caption_files.store(session, notes, author=who, proposed=proposed, run_id=context.run_id)
    for text, reason in refused:
        context.failed(text, reason)
    return StepResult(done=len(batch), findings=[{"captions": stored.added, "there": len(stored.ids) - stored.added}])


def finish(_context: JobContext, findings: list[dict[str, int]]) -> dict[str, Any]:
    """How many captions are new, and how many were there."""
    return {name: sum(counts[name] for counts in findings) for name in ("captions", "there")}
