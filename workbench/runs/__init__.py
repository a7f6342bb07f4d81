"""Jobs by name, runs of them with progress and failures, and the workers that carry them out."""

from workbench.runs.heartbeats import STALE_SECONDS, dead_workers, heartbeat, worker_stopped, workers
from workbench.runs.job_kinds import JOBS, LEVELS, QUEUES, JobKind
from workbench.runs.poisoned_runs import worker_died
from workbench.runs.queues import QueueState, queue_states
from workbench.runs.runs import (
    ENDED,
    cancel,
    create,
    fail,
    finish,
    get,
    is_cancelled,
    is_elsewhere,
    item_failed,
    item_skipped,
    items,
    listing,
    progress,
    resume,
    start,
    unclaimed,
    under_way,
)

__all__ = [
    "ENDED",
    "JOBS",
    "LEVELS",
    "QUEUES",
    "STALE_SECONDS",
    "JobKind",
    "QueueState",
    "cancel",
    "create",
    "dead_workers",
    "fail",
    "finish",
    "get",
    "heartbeat",
    "is_cancelled",
    "is_elsewhere",
    "item_failed",
    "item_skipped",
    "items",
    "listing",
    "progress",
    "queue_states",
    "resume",
    "start",
    "unclaimed",
    "under_way",
    "worker_died",
    "worker_stopped",
    "workers",
]
