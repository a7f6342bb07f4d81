"""Frozen datasets: chosen by rule, explained, split without leaks, versioned, and checked byte by byte."""

from sqlalchemy.orm import Session

from workbench import manifests
from workbench.freezing import create
from workbench.frozen import (
    Summary,
    by_id,
    exclusions,
    get,
    items,
    listing,
    manifest,
    manifest_key,
    stream,
    summary,
)
from workbench.manifests import Change, Difference
from workbench.verifying import Problem, verify

__all__ = [
    "Change",
    "Difference",
    "Problem",
    "Summary",
    "by_id",
    "create",
    "diff",
    "exclusions",
    "get",
    "items",
    "listing",
    "manifest",
    "manifest_key",
    "stream",
    "summary",
    "verify",
]


def diff(session: Session, a: int, b: int) -> Difference:
    """How release `b` differs from release `a`, both given by id; raises NotFoundError."""
    by_id(session, a), by_id(session, b)
    return manifests.compare(stream(session, a), stream(session, b))
