"""Frozen datasets: chosen by rule, explained, split without leaks, versioned, and checked byte by byte."""

from workbench.releases.creation import Ready, prepared
from workbench.releases.decontamination import lines_of
from workbench.releases.entering import abandoned, clear_abandoned, create, enter
from workbench.releases.manifest import Difference, ItemChange
from workbench.releases.read import Summary, by_id, diff, exclusions, get, items, listing, manifest_bytes, manifest_key, stream, summary
from workbench.releases.rules import TARGETS
from workbench.releases.statements import STATEMENTS, read_statements
from workbench.releases.verification import Problem, verify

__all__ = [
    "STATEMENTS",
    "TARGETS",
    "Difference",
    "ItemChange",
    "Problem",
    "Ready",
    "Summary",
    "abandoned",
    "by_id",
    "clear_abandoned",
    "create",
    "diff",
    "enter",
    "exclusions",
    "get",
    "items",
    "lines_of",
    "listing",
    "manifest_bytes",
    "manifest_key",
    "prepared",
    "read_statements",
    "stream",
    "summary",
    "verify",
]
