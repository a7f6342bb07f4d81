"""Tables of the form, as many rows as somebody fills in: each row a mapping of texts, empty rows left out."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

__all__ = ["table", "words"]


def table(key: str, columns: Sequence[str], *, rows: Sequence[Mapping[str, str]] = (), **options: Any) -> list[dict[str, str]]:
    """What stands in a table with these columns; it begins with some rows, or with an empty one."""
    first = [{column: row.get(column, "") for column in columns} for row in rows] or [dict.fromkeys(columns, "")]
    edited = st.data_editor(first, num_rows="dynamic", key=key, width="stretch", hide_index=True, **options)
    read = [{column: str(row.get(column) or "").strip() for column in columns} for row in edited]
    return [row for row in read if any(row.values())]


def words(text: str, separator: str = "|") -> list[str]:
    """The parts of a text between separators."""
    return [part.strip() for part in text.split(separator) if part.strip()]
