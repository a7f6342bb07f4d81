"""The store from Python: tables with stable columns, pictures, releases as datasets, new captions, and runs.

`workbench.open(home)` gives a `Workbench`. Its tables are described in `columns` and read in `rows`; the HTTP service and the MCP server
hand out the same ones.
"""

from workbench.api.columns import TABLES, Column, Table
from workbench.api.frames import arrow_of, frame_of, json_of
from workbench.api.rows import Page, Row, all_rows, page, row_of
from workbench.api.running import RunState, state_of
from workbench.api.store_object import Added, Workbench

__all__ = [
    "TABLES", "Added", "Column", "Page", "Row", "RunState", "Table", "Workbench", "all_rows", "arrow_of", "frame_of", "json_of", "page",
    "row_of", "state_of",
]  # fmt: skip
