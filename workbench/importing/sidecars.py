"""Captions in a file beside each picture: one caption a line (sd-scripts, WebDataset `.txt`), or an object (WebDataset `.json`)."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath

from workbench.errors import InvalidInputError
from workbench.importing.items import ItemCaption, Notes
from workbench.importing.rows import notes_of_row
from workbench.importing.trees import Tree

__all__ = ["SIDECAR_SUFFIXES", "notes_of_sidecars"]

SIDECAR_SUFFIXES = (".txt", ".caption", ".json")


def notes_of_sidecars(tree: Tree, names: Iterable[str]) -> Notes:
    """What the files beside a picture say; raises InvalidInputError naming the one that cannot be read.

    Where an object has captions, they are all there are: a text beside it holds the same with less.
    """
    notes = Notes()
    for name in sorted(names, key=lambda name: not name.lower().endswith(".json")):
        if notes.captions and not name.lower().endswith(".json"):
            break
        try:
            text = tree.read(name).decode("utf-8-sig")
            notes.add(_of_object(json.loads(text), name) if name.lower().endswith(".json") else _of_lines(text))
        except UnicodeDecodeError:
            raise InvalidInputError(f"{PurePosixPath(name).name} beside the picture is not UTF-8 text.") from None
        except json.JSONDecodeError as error:
            raise InvalidInputError(f"{PurePosixPath(name).name} beside the picture is no JSON: {error}.") from None
    return notes


def _of_lines(text: str) -> Notes:
    return Notes([ItemCaption(line.strip()) for line in text.splitlines() if line.strip()])


def _of_object(row: object, name: str) -> Notes:
    return notes_of_row(row, name) if isinstance(row, dict) else Notes()
