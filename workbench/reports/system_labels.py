"""Systems' names for people: what all of them share is said once, not in every row and every label."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from workbench.analysis.results import Results
from workbench.studies import REFERENCE

__all__ = ["shortened"]

JOINT = " · "
"""Between the factors of a system's name (`trials`)."""
NAMING = ("name", "system_a", "system_b")
"""Keys of results that hold a system's name."""


def shortened(results: Results) -> tuple[Results, str]:
    """The results with what all names share left out, and what that is; nothing where short names would not differ."""
    short, shared = _short([row["name"] for row in results.systems])
    if not shared:
        return results, ""
    return replace(results, **{part.name: _renamed(getattr(results, part.name), short) for part in fields(results)}), shared


def _short(names: Sequence[str]) -> tuple[dict[str, str], str]:
    parts = {name: name.split(JOINT) for name in dict.fromkeys(names) if name != REFERENCE}
    lengths = {len(each) for each in parts.values()}
    if len(parts) < 2 or len(lengths) != 1:
        return {}, ""
    columns = list(zip(*parts.values(), strict=True))
    common = [len(set(column)) == 1 for column in columns]
    short = {name: JOINT.join(part for part, same in zip(each, common, strict=True) if not same) for name, each in parts.items()}
    return short, JOINT.join(column[0] for column, same in zip(columns, common, strict=True) if same)


def _renamed(value: Any, short: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: short.get(each, each) if key in NAMING else _renamed(each, short) for key, each in value.items()}
    return [_renamed(each, short) for each in value] if isinstance(value, list) else value
