"""The job that asks a vision-language model for captions of images; each answer is a proposal, and none is paid for twice.

The model, its address and the prompt are parameters of the run; the key comes from the worker's environment and is written nowhere.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from db.models import Image
from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench import images, vision_language
from workbench.errors import CancelledError, WorkbenchError
from workbench.vision_language import Asked, Endpoint, EndpointError

BATCH = 8
LOOK_SECONDS = 0.5
"""How often a waiting question looks whether the run goes on."""


def endpoint_of(parameters: dict[str, Any]) -> Endpoint:
    """The endpoint that a run's parameters describe. Raises InvalidInputError."""
    return Endpoint(**{name: parameters[name] for name in Endpoint.__dataclass_fields__})


def plan(context: JobContext) -> Plan:
    """The images of the query."""
    endpoint_of(context.parameters)
    with context.store.reading() as session:
        image_ids = sorted(images.ids(session, context.parameters["query"]))
    return Plan(batches_of(image_ids, BATCH), len(image_ids))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Ask about a batch of images, some at once, and keep what comes; an image that gets nothing usable fails with the reason."""
    endpoint, key = endpoint_of(context.parameters), vision_language.api_key()
    result = StepResult()
    with context.store.reading() as session:
        images_by_id = images.by_id(session, batch)
    with ThreadPoolExecutor(endpoint.at_once) as pool:
        pending = [(image, pool.submit(_answer, context, endpoint, image, key)) for image in images_by_id.values()]
        try:
            for image, future in pending:
                result += _take_in(context, endpoint, image, future.result)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return result


def _answer(context: JobContext, endpoint: Endpoint, image: Image, key: str | None) -> str:
    """The answer about an image: the one that is kept, else a new one, which is kept before anything is made of it."""
    context.check()
    inquiry = vision_language.question(image, endpoint)
    with context.store.reading() as session:
        kept = vision_language.answered(session, inquiry)
    if kept is not None:
        return kept
    answer = vision_language.ask(endpoint, vision_language.picture(context.store.media, image, inquiry.face), key, _waiting(context))
    _keep(context, inquiry, endpoint, answer)
    return answer


def _keep(context: JobContext, inquiry: Asked, endpoint: Endpoint, answer: str) -> None:
    with context.store.writing() as session:
        vision_language.keep_answer(session, inquiry, endpoint, answer, run_id=context.run_id)


def _waiting(context: JobContext) -> Callable[[float], None]:
    """A pause that ends early where the run is cancelled or the worker goes down."""

    def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            context.check()
            time.sleep(min(LOOK_SECONDS, left))

    return wait


def _take_in(context: JobContext, endpoint: Endpoint, image: Image, answer: Callable[[], str]) -> StepResult:
    """Make proposals of an answer; what is wrong with it is recorded with the image."""
    try:
        parsed = vision_language.read(vision_language.read_answer(answer(), endpoint.mode), endpoint)
        author = f"{endpoint.model} (run {context.run_id})"
        with context.store.writing() as session:
            made = vision_language.propose(session, image.id, parsed, author=author, run_id=context.run_id)
    except (EndpointError, CancelledError):
        raise
    except WorkbenchError as error:
        context.failed(image.file_name, str(error))
        return StepResult(failed=1)
    counts = {"proposals": made.added, "read_otherwise": made.read_otherwise, "misspelled": made.misspelled}
    return StepResult(done=int(made.added > 0), skipped=int(not made.added), findings=[counts])


def finish(_context: JobContext, findings: list[dict[str, int]]) -> dict[str, Any]:
    """How many proposals were made, how many read as another level than was asked for, and how many hold a word that looks misspelled."""
    return {name: sum(counts[name] for counts in findings) for name in ("proposals", "read_otherwise", "misspelled")}
