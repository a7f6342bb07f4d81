"""Files of votes as spreadsheets, statistics packages and this workbench write them, as numbered rows of text."""

import csv
import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InvalidInputError

__all__ = ["VOTES", "Row", "read_rows"]

VOTES = "votes.csv"
"""The file of votes in a report's folder or archive."""

SEPARATORS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True)
class Row:
    """A row of a file: its cells by column (in lower case, `_` for spaces), stripped; where it stands."""

    number: int
    """Among the votes, from 1."""
    line: int
    """In the file, from 1, the header included."""
    cells: dict[str, str]
    too_long: str = ""
    """What is wrong with its length: it has more cells than the header."""

    @property
    def place(self) -> str:
        """For messages: `Row 3 (line 4)`."""
        return f"Row {self.number} (line {self.line})"

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_rows(path: Path) -> list[Row]:
    """The rows of a file, of the votes.csv in a folder, or of the one in a ZIP; empty rows are passed over.

    Raises InvalidInputError that says what is wrong with the file as a whole: unreadable, no text, no votes, a column twice.
    """
    text = _text(_content(path), path)
    lines = text.splitlines()
    separator = None
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # what some spreadsheets write first
        separator, text = lines[0][4], text.partition("\n")[2]
    skipped = 2 if separator else 1
    separator = separator or max(SEPARATORS, key=lambda each: (lines[0].count(each) if lines else 0, each == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip().lower().replace(" ", "_") for name in next(reader, [])]
        rows = [(reader.line_num + skipped - 1, cells) for cells in reader]
    except csv.Error as error:
        raise InvalidInputError(f"{path} cannot be read: line {reader.line_num + skipped - 1}: {error}.") from None
    twice = [name for name, times in Counter(header).items() if name and times > 1]
    if twice:
        raise InvalidInputError(f"{path} has the column {twice[0]} more than once; rename or delete one of them.")
    return _numbered(header, rows, path)


def _numbered(header: list[str], rows: list[tuple[int, list[str]]], path: Path) -> list[Row]:
    numbered: list[Row] = []
    for line, cells in rows:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        number = len(numbered) + 1
        long = f"{len(cells)} cells for {len(header)} columns" if any(cells[len(header) :]) else ""
        numbered.append(Row(number, line, {name: cell for name, cell in zip(header, cells, strict=False) if name}, long))
    if not numbered:
        raise InvalidInputError(f"{path} holds no votes.")
    return numbered


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            return (path / VOTES).read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if name.rpartition("/")[2] == VOTES]
                if len(names) != 1:
                    raise InvalidInputError(f"{path} holds {len(names) or 'no'} files named {VOTES}; name one file of votes.")
                return archive.read(names[0])
        return path.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from None


def _text(content: bytes, path: Path) -> str:
    """UTF-8 or UTF-16, with or without a byte-order mark."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    if encoding is None:
        nulls = content[:200].count(0)
        encoding = "utf-8" if nulls == 0 else "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidInputError(
            f"{path} cannot be read: line {line} is no {encoding.upper()}. Save it again as UTF-8 (in a spreadsheet: “CSV UTF-8”)."
        ) from None
