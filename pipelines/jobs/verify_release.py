"""The job that reads every file of a release again and says what is no longer as it was frozen."""

from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import releases

MOST = 500
"""Problems that are named one by one on the run."""


def plan(context: JobContext) -> Plan:
    """One batch of all files; their number is known once the release has been read."""
    with context.store.reading() as session:
        return Plan([{}], releases.summary(session, context.parameters["release_id"]).items)


def step(context: JobContext, _batch: dict[str, Any]) -> StepResult:
    """Verify, and record each problem with its reason."""

    def heard(done: int, total: int) -> None:
        context.check()
        context.say(f"{done:,} of {total:,} files read.")

    with context.store.reading() as session:
        problems = releases.verify(session, context.store.media, context.parameters["release_id"], progress=heard)
        items = releases.summary(session, context.parameters["release_id"]).items
    for number, problem in enumerate(problems[:MOST], 1):
        context.failed(f"{number} · {problem.subject}", problem.reason)
    return StepResult(done=items, failed=len(problems), findings=[{"problems": len(problems)}])


def finish(_context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """How many problems there are."""
    return {"problems": findings[0]["problems"], "sound": not findings[0]["problems"]}
