"""Pictures with what is said about them, from any mix of files, folders, archives and tables.

Tables are read first, then pictures are handed over one by one. What a table says is found by the picture's path under the table's
own folder, else by the end of its path ("000001.jpg" in a table is "val2017/000001.jpg" in the folder).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from workbench.errors import InvalidInputError, UnreadableFileError
from workbench.importing.archives import ARCHIVES, FolderTree, open_archive, open_tree
from workbench.importing.file_kinds import Shelf
from workbench.importing.items import Item, Notes
from workbench.importing.sidecars import notes_of_sidecars
from workbench.importing.tables import TABLE_SUFFIXES, Row, kind_of, rows_of

__all__ = ["FORMATS", "Collection", "collect", "scan"]

FORMATS = ("auto", "folder", "imagefolder", "coco", "lcad", "csv", "jsonl", "webdataset", "sd-scripts", "label-studio")
"""The formats that are read; `auto` takes up every table and side file that it knows."""
TABLE_FORMATS = frozenset({"imagefolder", "coco", "lcad", "csv", "jsonl", "label-studio"})
KINDS = {"coco": "coco", "lcad": "lcad", "csv": "csv", "jsonl": "jsonl", "label-studio": "jsonl"}
"""By format the kind of its tables; tasks of Label Studio are a list of objects."""

Loose = dict[tuple[int | None, str], Notes]


def collect(
    paths: Sequence[str | Path],
    format: str = "auto",  # noqa: A002  (the word of the command line)
    captions_file: str | Path | None = None,
) -> "Collection":
    """Open everything that is to be imported and read its tables.

    A table among the paths is read like `captions_file`; a table alone has its pictures beside it. Raises InvalidInputError for a
    format that is not read (naming those that are), for a broken table, and where a format's table is not there; NotFoundError for
    a missing path.
    """
    if format not in FORMATS:
        raise InvalidInputError(f'The format "{format}" is not read here; use one of {", ".join(FORMATS)}.')
    if not paths:
        raise InvalidInputError("Nothing to import was named; give files, folders, archives or URLs.")
    tables = [path for path in paths if str(path).lower().endswith(TABLE_SUFFIXES)]
    places = [path for path in paths if path not in tables]
    tables += [captions_file] if captions_file else []
    return Collection(places or [str(path).rpartition("/")[0] or "." for path in tables], format, tables)


def scan(
    paths: Sequence[str | Path],
    format: str = "auto",  # noqa: A002
    captions_file: str | Path | None = None,
) -> Iterator[Item]:
    """Every picture of `collect(…)` in its order, and last, as items that cannot be read, what is missing or broken."""
    return collect(paths, format, captions_file).items()


class Collection:
    """Pictures and their notes. `references()` lists them; `items()` hands over all, or those that are asked for."""

    def __init__(self, places: Sequence[str | Path], format: str, tables: Sequence[str | Path] = ()):  # noqa: A002
        self._format = format
        self._shelves: list[Shelf] = []
        self._broken: list[tuple[str, str]] = []
        self._exact: dict[tuple[int, str], Notes] = {}
        self._loose: Loose = {}
        for place in places:
            self._open(place)
        number = sum([self._read_tables(index, shelf) for index, shelf in enumerate(self._shelves)])
        number += sum([self._read_given(table) for table in tables])
        if not number and format in TABLE_FORMATS:
            raise InvalidInputError(f'No table of the format "{format}" was found; name it with --captions, or use another format.')
        self._fits = Counter(key for index, shelf in enumerate(self._shelves) for name in shelf.pictures for key in self._keys(index, name))

    def __len__(self) -> int:
        return sum(len(shelf.pictures) for shelf in self._shelves)

    def references(self) -> Iterator[str]:
        """A text for each picture that finds it again, also in another process that collects the same paths."""
        return (f"{index}:{name}" for index, shelf in enumerate(self._shelves) for name in shelf.pictures)

    def items(self, references: Iterable[str] | None = None) -> Iterator[Item]:
        """The items of these references in the order given; without any all pictures, and then `problems()`."""
        for reference in self.references() if references is None else references:
            index, name = reference.split(":", 1)
            yield self._item(reference, int(index), name)
        if references is None:
            yield from self.problems()

    def problems(self) -> Iterator[Item]:
        """What cannot be imported, as items whose `read` says why: broken archives, and captions that name no picture, or several."""
        told = [*self._broken]
        for (index, name), notes in self._exact.items():
            if notes.captions and name not in self._shelves[index].pictures:
                told.append((name, f'The captions name "{name}", but there is no such picture.'))
        for key in self._loose:
            if not self._fits[key]:
                told.append((key[1], f'The captions name "{key[1]}", but there is no such picture.'))
            elif self._fits[key] > 1:
                told.append((key[1], f'The captions of "{key[1]}" fit {self._fits[key]} pictures; name the folder too.'))
        for name, reason in told:
            yield Item(f"problem:{name}", name, partial(_refuse, reason))

    def _open(self, place: str | Path) -> None:
        """Put a place on the shelf, and each archive in a folder on one of its own."""
        try:
            tree = open_tree(place)
        except UnreadableFileError as error:
            self._broken.append((str(place).rsplit("/", 1)[-1], str(error)))
            return
        shelf = Shelf(tree, self._format)
        self._shelves.append(shelf)
        if isinstance(tree, FolderTree):
            for name in shelf.others:
                if name.lower().endswith(ARCHIVES):
                    self._open_inner(tree, name)

    def _open_inner(self, tree: FolderTree, name: str) -> None:
        try:
            self._shelves.append(Shelf(open_archive(tree.open(name), name.rsplit("/", 1)[-1]), self._format))
        except UnreadableFileError as error:
            self._broken.append((name, str(error)))

    def _read_tables(self, index: int, shelf: Shelf) -> int:
        """Read a shelf's tables; return their number."""
        read = 0
        for name in shelf.tables(self._format):
            try:
                content = shelf.tree.read(name)
                kind = kind_of(name, content)
                if kind != KINDS.get(self._format, kind):
                    continue
                self._read_table(index, shelf, name, rows_of(name, content, kind))
            except InvalidInputError as error:  # the pictures beside it are not to blame
                self._broken.append((name, str(error)))
            read += 1
        return read

    def _read_table(self, index: int, shelf: Shelf, name: str, rows: Iterator[Row]) -> None:
        folder = name.rpartition("/")[0]
        for number, (file_name, notes) in enumerate(rows, 1):
            if not file_name:
                self._broken += [(f"{name} (row {number})", problem) for problem in notes.problems]
                continue
            path = _normal(f"{folder}/{file_name}")
            shelf.set_aside(_normal(f"{folder}/{version}") for version in notes.versions)
            known = path in shelf.pictures
            self._exact.setdefault((index, path), Notes()).add(notes) if known else self._note((index, _normal(file_name)), notes)

    def _read_given(self, table: str | Path) -> int:
        folder, _, name = str(table).rpartition("/")
        content = open_tree(table).read(name) if folder else open_tree(Path(table)).read(name)
        for number, (file_name, notes) in enumerate(rows_of(name, content, KINDS.get(self._format)), 1):
            if not file_name:
                self._broken += [(f"{name} (row {number})", problem) for problem in notes.problems]
                continue
            for shelf in self._shelves:
                shelf.set_aside(picture for version in notes.versions for picture in shelf.ending_with(_normal(version)))
            self._note((None, _normal(file_name)), notes)
        return 1

    def _note(self, key: tuple[int | None, str], notes: Notes) -> None:
        self._loose.setdefault(key, Notes()).add(notes)

    def _keys(self, index: int, name: str) -> Iterator[tuple[int | None, str]]:
        """The entries of loose tables that fit a picture: of each table's kind the one with the longest path."""
        for place in (None,) if (index, name) in self._exact else (index, None):
            key = next(((place, end) for end in _ends(name) if (place, end) in self._loose), None)
            if key:
                yield key

    def _item(self, reference: str, index: int, name: str) -> Item:
        shelf = self._shelves[index]
        notes = Notes()
        try:
            for entry in (self._exact.get((index, name)), *(self._loose[key] for key in self._keys(index, name) if self._fits[key] == 1)):
                if entry:
                    notes.add(entry)
            notes.add(notes_of_sidecars(shelf.tree, shelf.sidecars.get(name, ())))
        except InvalidInputError as error:
            return Item(reference, name, partial(_refuse, str(error)))
        return Item(reference, name, partial(shelf.tree.read, name), notes)


def _normal(name: str) -> str:
    """A path as trees write it: forward slashes, no dots."""
    return "/".join(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def _ends(name: str) -> Iterator[str]:
    """A path and its ever shorter ends: a/b/c, b/c, c."""
    yield name
    while "/" in name:
        name = name.partition("/")[2]
        yield name


def _refuse(reason: str) -> bytes:
    raise UnreadableFileError(reason)
