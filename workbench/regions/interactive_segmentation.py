"""Clicks and boxes that a worker with segment-anything cuts out: asking for one, what it has to go by, and keeping what it found.

A click is a run of the job `correct_mask` in a queue of its own, which only workers with the weights serve: it waits for no
colorization, its failure has a sentence, and it is not lost with the page. Its parameters:

    {"image_id", "mention_id", "region_id" (0 for a new mask), "correction": {"kind", "points"}, "replaces" (the mask before it goes)}

The events that it leaves name the run; so the clicks that made a mask are read back from the mask's history, and a click that was
undone counts no more.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import FoundBy, Origin, RegionOrigin, RunStatus
from db.models import Event, Mention, Region, Run
from workbench import runs
from workbench.errors import NotFoundError
from workbench.imaging.mask_editing import Correction, Point
from workbench.regions import groundings, regions
from workbench.store import events

JOB, READING, QUEUE = regions.CLICK, "read_picture", "clicks"
NEW = 0
"""Stands for a mask that is not there yet, beside the ids of those that are."""
RECENT = 50
"""Clicks of the whole store among which those of a picture are looked for."""
KEPT = 8
"""Pictures that a worker has read and keeps for the next click on them."""


@dataclass(frozen=True)
class Clicks:
    """What a mask was clicked together from, in order: points (x, y) in pixels with what each wants, and the last box.

    `complete` says that nothing else made the mask, no stroke and no proposal.
    """

    points: tuple[Point, ...] = ()
    adds: tuple[bool, ...] = ()
    box: tuple[Point, Point] | None = None
    complete: bool = True

    def then(self, correction: Correction) -> "Clicks":
        """These and one more."""
        if correction.kind == "box":
            return replace(self, box=(correction.points[0], correction.points[1]))
        return replace(self, points=(*self.points, correction.points[0]), adds=(*self.adds, correction.kind == "add"))


def served(session: Session) -> bool:
    """Whether a live worker cuts clicks out with segment-anything."""
    return any(QUEUE in worker.queues for worker in runs.workers(session))


def get_ready(session: Session, image_id: int, *, requested_by: str) -> Run | None:
    """Ask the workers to read a picture before the first click on it; None where one has it before it, or none cuts clicks out.

    What the same person asked for before and nobody has begun is given up: one looks at one picture at a time.
    """
    alive = {worker.executor: worker.started_at for worker in runs.workers(session) if QUEUE in worker.queues}
    requests = list(session.scalars(select(Run).where(Run.job == READING).order_by(Run.id.desc()).limit(KEPT)))
    for run in requests:
        own = run.parameters["image_id"] == image_id
        holder = alive.get(run.executor or "", now())
        if own and (run.status is RunStatus.QUEUED or (_is_kept(run) and run.started_at is not None and holder < run.started_at)):
            return None
        if not own and run.status is RunStatus.QUEUED and run.requested_by == requested_by:
            runs.cancel(session, run.id, actor=requested_by)
    return runs.create(session, READING, {"image_id": image_id}, requested_by=requested_by) if alive else None


def _is_kept(run: Run) -> bool:
    return run.status in (RunStatus.RUNNING, RunStatus.DONE)


def ask(
    session: Session,
    image_id: int,
    mention_id: int,
    region_id: int,
    correction: Correction,
    *,
    replaces: bool = False,
    requested_by: str,
) -> Run:
    """Ask the workers to carry out a click or a box on a region, or on a mention's NEW one; what it finds may replace the mask."""
    said = {"kind": correction.kind, "points": [list(point) for point in correction.points]}
    parameters = {"image_id": image_id, "mention_id": mention_id, "region_id": region_id, "correction": said}
    parameters["replaces"] = replaces
    return runs.create(session, JOB, parameters, requested_by=requested_by)


def correction_of(run: Run) -> Correction:
    """What a person did, of the run that was asked for it."""
    said = run.parameters["correction"]
    return Correction(said["kind"], tuple((float(x), float(y)) for x, y in said["points"]))


def latest(session: Session, image_id: int) -> Run | None:
    """The newest click on a picture that waits, is at work or failed; None where the newest one was carried out or dropped."""
    recent = session.scalars(select(Run).where(Run.job == JOB).order_by(Run.id.desc()).limit(RECENT))
    newest = next((run for run in recent if run.parameters["image_id"] == image_id), None)
    return None if newest is None or newest.status in (RunStatus.DONE, RunStatus.CANCELLED) else newest


def drop(session: Session, run_id: int, *, actor: str) -> bool:
    """Give a click up that waits, is at work or failed; False where it was carried out meanwhile, and stays."""
    run = runs.get(session, run_id)
    if run.status is RunStatus.DONE or carried_out(session, run_id):
        return False
    if run.status is RunStatus.FAILED:
        runs.resume(session, run_id, actor=actor)
    if run.status is not RunStatus.CANCELLED:
        runs.cancel(session, run_id, actor=actor)
    return True


def clicks_of(session: Session, region_id: int) -> Clicks:
    """The clicks since the last other change of a mask, by its history; those that were undone are none."""
    told = select(Event, Run).outerjoin(Run, (Run.id == Event.run_id) & (Run.job == JOB))
    stands = Event.subject == "region", Event.subject_id == str(region_id), Event.undone_by_id.is_(None), Event.action != events.UNDO
    made: list[Run] = []
    complete = False
    for event, run in session.execute(told.where(*stands).order_by(Event.id.desc())):
        if run is None:
            break
        made.append(run)
        complete = event.action == "create" or run.parameters.get("replaces", False)
        if complete:
            break
    clicks = Clicks(complete=complete)
    for run in reversed(made):
        clicks = clicks.then(correction_of(run))
    return clicks


def carried_out(session: Session, run_id: int) -> bool:
    """Whether a run has left its mask already."""
    return session.scalar(select(Event.id).where(Event.run_id == run_id, Event.subject == "region").limit(1)) is not None


def keep(
    session: Session,
    image_id: int,
    mention_id: int,
    region_id: int,
    mask: NDArray[np.bool_],
    *,
    origin: RegionOrigin,
    actor: str,
    run_id: int | None = None,
) -> Region:
    """Give a region its corrected mask (H, W) bool, or begin a NEW one that the mention means, in one batch with its grounding."""
    found_by = None if origin is RegionOrigin.HUMAN else FoundBy.CLICKS
    if region_id != NEW:
        return regions.correct(session, region_id, mask, origin=origin, found_by=found_by, actor=actor, run_id=run_id)
    mention = session.get(Mention, mention_id)
    if mention is None:
        raise NotFoundError("The caption has changed since: the mention that this mask was begun for is no longer there.")
    batch = events.new_batch()
    region = regions.add(
        session, image_id, mask, origin=origin, found_by=found_by, label=mention.object, author=actor, run_id=run_id, batch_id=batch
    )
    groundings.ground(session, mention_id, region.id, origin=Origin.HUMAN, actor=actor, run_id=run_id, batch_id=batch)
    return region
