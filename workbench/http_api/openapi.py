"""The description of the service (OpenAPI 3.1), made from the tables' columns."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pyarrow as pa

from workbench.api import TABLES, Column, Table

ROWS, MOST_ROWS = 100, 10_000
"""Rows of a page, where the request does not say how many, and the most that it may say."""
ARROW = {"application/vnd.apache.arrow.stream": {}}


def description() -> dict[str, Any]:
    """The whole description, as JSON has it."""
    paths: dict[str, Any] = {}
    for table in TABLES.values():
        paths[f"/v1/{table.name}"] = {"get": _of_table(table)}
        if table.name != "ratings":
            told = {"summary": f"One row: {table.row}.", "parameters": [_number("id", "path")], "responses": _rows(table)}
            paths[f"/v1/{table.name}/{{id}}"] = {"get": told}
    pictures = {
        "/v1/images/{id}/file": "The photo, upright.",
        "/v1/images/{id}/gray": "Its lightness.",
        "/v1/colorizations/{id}/file": "The colorization.",
    }
    for path, says in pictures.items():
        paths[path] = {"get": {"summary": says, "parameters": [_number("id", "path")], "responses": {"200": {"description": "A picture."}}}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    results = {"summary": "Results of a study, as `workbench studies results --json`.", "parameters": [name]}
    paths["/v1/studies/{name}/results"] = {"get": {**results, "responses": {"200": {"description": "Systems, pairs, raters, agreement."}}}}
    schemas = {table.name: _schema(table) for table in TABLES.values()} | {"error": _object({"error": {"type": "string"}})}
    return {
        "openapi": "3.1.0",
        "info": {"title": "lcad-workbench", "version": _version(), "description": "The store, read-only."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def _version() -> str:
    try:
        return version("lcad-workbench")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"


def _of_table(table: Table) -> dict[str, Any]:
    asked = []
    if table.query:
        name = "study" if table.name == "ratings" else "query"
        asked = [{"name": name, "in": "query", "required": name == "study", "description": table.query, "schema": {"type": "string"}}]
    asked += [_number("after", "query"), _number("limit", "query", maximum=MOST_ROWS, default=ROWS)]
    return {"summary": f"A row is {table.row}.", "parameters": asked, "responses": _rows(table)}


def _number(name: str, place: str, **bounds: int) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "integer", **bounds}}


def _rows(table: Table) -> dict[str, Any]:
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{table.name}"}}
    page = _object({"rows": rows, "next": {"type": ["string", "null"], "description": "Where the next page is."}})
    refused = {
        "description": "A sentence that says why.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/error"}}},
    }
    return {"200": {"description": "Rows.", "content": {"application/json": {"schema": page}} | ARROW}, "4XX": refused}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _schema(table: Table) -> dict[str, Any]:
    return _object({column.name: _of_column(column) for column in table.columns})


def _of_column(column: Column) -> dict[str, Any]:
    told = {"type": "object"} if column.is_json else _of_type(column.kind)
    kind = [told.pop("type"), "null"] if column.optional else told.pop("type")
    return {"type": kind, **told, "description": column.meaning}


def _of_type(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _of_type(kind.value_type)}
    if pa.types.is_struct(kind):
        return _object({field.name: _of_type(field.type) for field in kind})
    if pa.types.is_timestamp(kind):
        return {"type": "string", "format": "date-time"}
    return {"type": {pa.string(): "string", pa.int64(): "integer", pa.float64(): "number", pa.bool_(): "boolean"}[kind]}
