"""What stands in the queue: JSON, checked as it is read. Nothing in it is ever unpickled.

The queue's library pickles by default, and reads a row that says that it is pickled as such, whatever serializer it was given: whoever can
write to the queue's database could have code run. So its unpickling is taken away here, for the whole process. A queue of an earlier
version still holds pickled workflows: they are removed unread, and their runs, whose rows say all that is needed, are queued again.
"""

import json
import logging
from typing import Annotated, Any, TypeVar

from dbos import DBOSClient
from dbos._serialization import DBOSPortableJSON, DefaultSerializer
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from sqlalchemy import create_engine, inspect, text

from workbench.errors import InvalidInputError

log = logging.getLogger("workbench.jobs")

SERIALIZER = DBOSPortableJSON
FORMAT = SERIALIZER.name()
Count = Annotated[int, Field(ge=0)]


class Payload(BaseModel):
    """What a step leaves in the queue for whoever goes on after it."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PlanPayload(Payload):
    """The batches of a run and how many items need no work."""

    batches: list[JsonValue]
    skipped: Count


class StepPayload(Payload):
    """What one batch came to."""

    done: Count
    failed: Count
    skipped: Count
    findings: list[JsonValue]


P = TypeVar("P", bound=Payload)


class PickledError(InvalidInputError):
    """A value of the queue that says that it is pickled."""


def _refuse(_serializer: Any, _value: str) -> Any:
    raise PickledError("This value of the queue is pickled, which could run code; it was not read. Resume the run.")


setattr(DefaultSerializer, "deserialize", _refuse)  # noqa: B010  (a method of the library's, for the whole process)


def as_json(value: Any) -> Any:
    """The value as it will be read again: tuples are lists, and what JSON cannot hold is refused with TypeError here and not later."""
    return json.loads(SERIALIZER.serialize(value))


def read(kind: type[P], value: Any) -> P:
    """What a step left, checked; raises InvalidInputError where it is not what a step leaves."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the whole"
        raise InvalidInputError(
            f"What the queue holds of this run cannot be used ({where}: {error.errors()[0]['msg']}). Resume the run: it is planned anew."
        ) from None


def read_run_id(value: Any) -> int:
    """The run that a workflow is about; raises InvalidInputError where that is no number of a run."""
    if type(value) is not int or value < 1:
        raise InvalidInputError(f"A workflow of the queue names {str(value)[:40]!r} as its run, which is no number.")
    return value


def connect(url: str) -> DBOSClient:
    """A client of the queue that writes and reads JSON."""
    return DBOSClient(system_database_url=url, serializer=SERIALIZER)


def drop_pickled(url: str) -> int:
    """Remove the workflows of earlier versions, whose values are pickled, without reading them; return how many there were.

    Their runs are queued again as those of a lost queue are (`dispatch.mend`). Call it while no worker of an earlier version is at work.
    """
    jobs = create_engine(url)
    schema = None if jobs.dialect.name == "sqlite" else "dbos"
    try:
        if not inspect(jobs).has_table("workflow_status", schema=schema):
            return 0
        place = "" if schema is None else f"{schema}."
        with jobs.begin() as connection:
            found = connection.execute(
                text(
                    f"SELECT workflow_uuid FROM {place}workflow_status WHERE serialization IS NULL OR serialization <> :format "
                    f"UNION SELECT workflow_uuid FROM {place}operation_outputs WHERE serialization IS NULL OR serialization <> :format"
                ),
                {"format": FORMAT},
            )
            pickled = list(found.scalars())
    finally:
        jobs.dispose()
    if pickled:
        client = connect(url)
        client.delete_workflows(pickled)
        client.destroy()
        log.warning("%d workflows of an earlier version were removed from the queue unread; their runs are queued again", len(pickled))
    return len(pickled)
