"""The files of a report."""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from workbench.analysis.results import Results
from workbench.errors import InvalidInputError
from workbench.reports.vote_table import CODEBOOK, codebook_rows, write_csv

__all__ = ["archive", "contents", "write"]


def contents(
    study_results: Results, html: str, votes: Iterable[Mapping[str, str]], beside: Mapping[str, str] | None = None
) -> dict[str, str]:  # fmt: skip
    """By file name the text of a report's files: page, every single vote, what its columns mean, results, and what is `beside`."""
    rows, codebook = io.StringIO(), io.StringIO()
    write_csv(rows, votes, CODEBOOK)
    write_csv(codebook, codebook_rows(), ("column", "meaning"))
    results = json.dumps(study_results.as_json(), indent=1, ensure_ascii=False)
    return {
        "report.html": html,
        "votes.csv": rows.getvalue(),
        "codebook.csv": codebook.getvalue(),
        "results.json": results,
        **(beside or {}),
    }


def write(
    folder: Path, results: Results, html: str, votes: Iterable[Mapping[str, str]], beside: Mapping[str, str] | None = None
) -> list[Path]:  # fmt: skip
    """Write a report's files into a folder, which is made where it is missing; return their paths.

    Raises InvalidInputError where that cannot be done.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents(results, html, votes, beside).items():
            path = folder / name
            path.write_bytes(text.encode())
            paths.append(path)
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot hold the report ({error.strerror}); name a folder that can be written.") from None
    return paths


def archive(results: Results, html: str, votes: Iterable[Mapping[str, str]], beside: Mapping[str, str] | None = None) -> bytes:
    """The same files as one ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as into:
        for name, text in contents(results, html, votes, beside).items():
            into.writestr(name, text)
    return packed.getvalue()
