"""The job that pushes tasks to a Label Studio server, or pulls its annotations; both as often as one likes, nothing twice."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any

from sqlalchemy import select

from db.enums import TaskKind
from db.models import LabelStudioProject
from pipelines.worker.job import JobContext, Plan, StepResult
from workbench import studies
from workbench.errors import InvalidInputError, MissingPartError
from workbench.labelstudio.import_annotations import Landed, land
from workbench.labelstudio.push_tasks import Work, drafts_of, project_of, push
from workbench.store import events

KEY, ADDRESS = "LABEL_STUDIO_API_KEY", "LABEL_STUDIO_URL"
DEFAULT_ADDRESS = "http://127.0.0.1:8080"
DIRECTIONS = ("push", "pull")


def server_of(address: str | None):
    """The server at an address, else at $LABEL_STUDIO_URL, with the token in $LABEL_STUDIO_API_KEY.

    The token is the worker's own and never part of a run. Raises MissingPartError without it or without the SDK.
    """
    if find_spec("label_studio_sdk") is None:
        raise MissingPartError("The SDK is not installed; run pip install 'lcad-workbench[labelstudio]' where the worker is.")
    token = os.environ.get(KEY)
    if not token:
        raise MissingPartError(f"{KEY} is not set where the worker is; take a token from Account & Settings in Label Studio.")
    from workbench.labelstudio.server import Server  # not above: it loads the SDK, which is an extra

    return Server(address or os.environ.get(ADDRESS) or DEFAULT_ADDRESS, token)


def plan(context: JobContext) -> Plan:
    """One batch: the server itself says what is there already."""
    direction = context.parameters["direction"]
    if direction not in DIRECTIONS:
        raise InvalidInputError(f'There is no direction "{direction}"; there are {" and ".join(DIRECTIONS)}.')
    return Plan([{}], 0)


def step(context: JobContext, _batch: dict[str, Any]) -> StepResult:
    """Push or pull."""
    server = server_of(context.parameters["server"])
    return _push(context, server) if context.parameters["direction"] == "push" else _pull(context, server)


def _push(context: JobContext, server) -> StepResult:
    with context.store.writing() as session:
        work = _work(session, context.parameters)
        project = project_of(session, server, work)
        number, title = project.project, project.title
    with context.store.reading() as session:
        drafts = list(drafts_of(session, _work(session, context.parameters)))
    done = 0
    for count in push(context.store.media, server, number, drafts):
        done += count
        context.check()
        context.report(StepResult(done=done))
    summary = {"project": number, "title": title, "server": server.address, "pushed": done, "present": len(drafts) - done}
    return StepResult(done=done, skipped=len(drafts) - done, findings=[summary])


def _work(session, parameters: dict[str, Any]) -> Work:
    study = studies.by_name(session, parameters["study"]) if parameters["study"] else None
    try:
        kind = TaskKind(parameters["kind"])
    except ValueError:
        raise InvalidInputError(f'There are no tasks of the kind "{parameters["kind"]}"; there are {", ".join(TaskKind)}.') from None
    if (kind is TaskKind.STUDY) != (study is not None):
        raise InvalidInputError("Tasks of the kind study, and only those, need the name of a study.")
    return Work(kind, parameters["query"], study, parameters["predicted"], parameters["title"])


def _pull(context: JobContext, server) -> StepResult:
    landed, batch_id = Landed(), events.new_batch()
    with context.store.reading() as session:
        statement = select(LabelStudioProject.id).where(LabelStudioProject.server == server.address).order_by(LabelStudioProject.id)
        if context.parameters["title"]:
            statement = statement.where(LabelStudioProject.title == context.parameters["title"])
        projects = list(session.scalars(statement))
    if not projects:
        raise InvalidInputError(
            f"Nothing was pushed to {server.address} from this store{_called(context.parameters['title'])}; push first."
        )
    for project_id in projects:
        for _ in _land_all(context, server, project_id, landed, batch_id):
            context.check()
            context.report(StepResult(done=landed.annotations, failed=len(landed.refused), skipped=landed.present))
    for item, reason in landed.refused:
        context.failed(item, reason)
    facts = {**asdict(landed), "refused": len(landed.refused), "projects": len(projects), "batch_id": batch_id, "server": server.address}
    return StepResult(done=landed.annotations, failed=len(landed.refused), skipped=landed.present, findings=[facts])


def _called(title: str) -> str:
    return f" under the title {title}" if title else ""


def _land_all(context: JobContext, server, project_id: int, landed: Landed, batch_id: str) -> Iterator[int]:
    """Land what changed in one project, a page of tasks in a transaction; the moment of the last one is kept with it."""
    seen: set[tuple[str, str]] = set()
    while True:
        with context.store.reading() as session:
            project = session.get_one(LabelStudioProject, project_id)
        tasks = [task for task in server.changed(project.project, project.seen_until) if (task.key, task.updated_at) not in seen]
        if not tasks:
            return
        with context.store.writing() as session:
            project = session.get_one(LabelStudioProject, project_id)
            for task in tasks:
                land(session, project, task, landed, batch_id=batch_id, run_id=context.run_id)
            project.seen_until = max(task.updated_at for task in tasks)
        seen |= {(task.key, task.updated_at) for task in tasks}
        yield len(tasks)


def finish(_context: JobContext, findings: list[dict[str, Any]]) -> dict[str, Any]:
    """What was pushed or pulled."""
    return findings[0]
