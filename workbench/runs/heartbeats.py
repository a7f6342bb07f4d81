"""The processes that carry runs out: their signs of life, and which of them are dead."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Worker

STALE_SECONDS = 30.0
"""A worker that gave no sign of life for so long counts as dead."""


def heartbeat(session: Session, executor: str, *, host: str, pid: int, queues: list[str], capabilities: dict[str, Any]) -> None:
    """A worker's sign of life; the first one of a process sets when it started."""
    worker = session.get(Worker, executor)
    if worker is None:
        worker = Worker(executor=executor, host=host, pid=pid)
        session.add(worker)
    if worker.pid != pid or worker.host != host or worker.stopped_at is not None:
        worker.started_at = now()
    worker.host, worker.pid, worker.queues, worker.capabilities = host, pid, queues, capabilities
    worker.heartbeat_at, worker.stopped_at = now(), None
    session.flush()


def worker_stopped(session: Session, executor: str) -> None:
    """Record that the worker has stopped."""
    worker = session.get(Worker, executor)
    if worker is not None:
        worker.stopped_at = now()
        session.flush()


def workers(session: Session, *, live: bool = True, stale_seconds: float = STALE_SECONDS) -> list[Worker]:
    """Workers by name: those alive, or with live=False all that ever were."""
    query = select(Worker).order_by(Worker.executor)
    if live:
        query = query.where(Worker.stopped_at.is_(None), Worker.heartbeat_at >= _oldest_sign(stale_seconds))
    return list(session.scalars(query))


def dead_workers(session: Session, *, but: str, stale_seconds: float = STALE_SECONDS) -> list[Worker]:
    """Workers that neither stopped nor give signs of life, locked for the transaction where the store can lock rows.

    `but` names the worker that asks: it lives, however late its own sign of life is.
    """
    query = select(Worker).where(Worker.stopped_at.is_(None), Worker.executor != but, Worker.heartbeat_at < _oldest_sign(stale_seconds))
    return list(session.scalars(query.order_by(Worker.executor).with_for_update(skip_locked=True)))


def _oldest_sign(stale_seconds: float) -> datetime:
    return now() - timedelta(seconds=stale_seconds)
