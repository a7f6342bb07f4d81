"""Paths that a person names for an import, before anything is queued."""

import socket
from collections.abc import Iterable

from sqlalchemy.orm import Session

from workbench import runs
from workbench.store import expanded, is_there


def missing_paths(session: Session, paths: Iterable[str]) -> list[str]:
    """Those paths that are not there; a worker on another machine may see what this one does not, so then none is called missing."""
    if any(worker.host != socket.gethostname() for worker in runs.workers(session)):
        return []
    return [path for path in paths if path and "://" not in path and not is_there(expanded(path))]
