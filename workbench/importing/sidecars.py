"""Captions in a file beside each picture: one caption a line (sd-scripts, WebDataset `.txt`), or an object (WebDataset `.json`)."""

import json
from collections.abc import Iterable
from pathlib import PurePosixPath

from workbench.errors import InvalidInputError
from workbench.importing.archives import Tree
from workbench.importing.items import ItemCaption, Notes
from workbench.importing.table_rows import notes_of_row

__all__ = ["SIDECAR_SUFFIXES", "notes_of_sidecars"]

SIDECAR_SUFFIXES = (".txt", ".caption", ".json")


def notes_of_sidecars(tree: Tree, names: Iterable[str]) -> Notes:
    """What the files beside a picture say; one that cannot be read is a problem of the notes.

    A line of a text that an object beside it has as a caption, with what is known of it, is not a second one.
    """
    notes, read = Notes(), {}
    for name in names:
        try:
            read[name] = _read(tree, name)
        except InvalidInputError as error:
            notes.problems.append(f"{PurePosixPath(name).name}: {error}")
    told = {caption.text.strip() for name, content in read.items() if _is_object(name) for caption in content.captions}
    for name, content in read.items():
        if not _is_object(name):
            content.captions = [caption for caption in content.captions if caption.text not in told]
        notes.add(content)
    return notes


def _is_object(name: str) -> bool:
    return name.lower().endswith(".json")


def _read(tree: Tree, name: str) -> Notes:
    try:
        text = tree.read(name).decode("utf-8-sig")
        return _of_object(json.loads(text), name) if _is_object(name) else _of_lines(text)
    except UnicodeDecodeError:
        raise InvalidInputError("It is not UTF-8 text; save it as UTF-8.") from None
    except InvalidInputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"It is no JSON: {str(error)[:200] or 'its values stand too deep in each other'}.") from None
    except (TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InvalidInputError(f"What it says cannot be read: {str(error)[:200]}.") from None


def _of_lines(text: str) -> Notes:
    return Notes([ItemCaption(line.strip()) for line in text.splitlines() if line.strip()])


def _of_object(row: object, name: str) -> Notes:
    return notes_of_row(row, name) if isinstance(row, dict) else Notes()
