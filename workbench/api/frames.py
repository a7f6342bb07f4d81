"""Rows in the shapes that people's tools take: a pandas DataFrame, an Arrow table, JSON. Types are those of `columns`, never guessed."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from workbench.api.columns import MOMENT, TABLES, Column

Rows = Sequence[dict[str, Any]]


def frame_of(table: str, rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a DataFrame whose columns and dtypes are those of the table, also without a row."""
    rows = list(rows)
    return pd.DataFrame({column.name: _series(column, [row[column.name] for row in rows]) for column in TABLES[table].columns})


def _series(column: Column, values: list[Any]) -> pd.Series:
    if column.kind == MOMENT:
        return pd.Series(pd.to_datetime(values, utc=True).as_unit("us"))
    return pd.Series(values, dtype=column.dtype)


def arrow_of(table: str, rows: Rows) -> pa.Table:
    """Rows as an Arrow table with the table's schema."""
    schema = TABLES[table].schema
    return pa.Table.from_arrays([_array(column, rows) for column in TABLES[table].columns], schema=schema)


def _array(column: Column, rows: Rows) -> pa.Array:
    values = [row[column.name] for row in rows]
    if column.is_json:
        texts = pa.array([json.dumps(value, ensure_ascii=False, sort_keys=True) for value in values], pa.string())
        return pa.ExtensionArray.from_storage(column.kind, texts)
    return pa.array(values, column.kind)


def json_of(table: str, rows: Rows) -> list[dict[str, Any]]:
    """Rows as JSON has them: moments as ISO 8601 in UTC, in the order of the columns."""
    names = [column.name for column in TABLES[table].columns]
    return [{name: _plain(row[name]) for name in names} for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
