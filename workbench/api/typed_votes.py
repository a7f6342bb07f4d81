"""Votes of the codebook with types: there every value is a text, as CSV has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workbench.api.columns import MOMENT, NUMBER, RATINGS, REAL, TEXT, TRUTH

_READ = {TEXT: str, NUMBER: int, REAL: float, TRUTH: lambda text: text == "true", MOMENT: datetime.fromisoformat}


def typed_vote(vote: Mapping[str, str]) -> dict[str, Any]:
    """A row of `every_vote` in the types of its columns; what is empty there is None where it may be missing."""
    return {column.name: None if column.optional and not vote[column.name] else _READ[column.kind](vote[column.name]) for column in RATINGS}
