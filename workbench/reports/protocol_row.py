"""A line of a protocol."""

from dataclasses import dataclass

__all__ = ["Row"]


@dataclass(frozen=True)
class Row:
    """What is asked, and the answer."""

    name: str
    value: str
