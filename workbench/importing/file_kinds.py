"""One tree sorted into pictures, the files beside them, tables, and the rest."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from workbench.importing.archives import TarTree, Tree
from workbench.importing.sidecars import SIDECAR_SUFFIXES
from workbench.importing.tables import TABLE_SUFFIXES

__all__ = ["PICTURES", "Shelf"]

PICTURES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".hif", ".avif"),
        *(".psd", ".svg", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".jp2", ".jxl", ".exr", ".tga"),
    )
)
"""Suffixes of pictures; those of the second row are not read, and are reported one by one rather than passed over."""
TABLE_WORDS = ("caption", "annotation", "instances", "description", "tasks")
WITH_SIDECARS = frozenset({"auto", "webdataset", "sd-scripts"})


class Shelf:
    """The names of one tree by what they are.

    `pictures` in the tree's order, `sidecars` by picture, `others`: what is neither.
    """

    def __init__(self, tree: Tree, format: str):  # noqa: A002
        self.tree = tree
        names = list(tree.names())
        self.pictures = dict.fromkeys(name for name in names if _suffix(name) in PICTURES)
        self.others = [name for name in names if name not in self.pictures]
        self.sidecars: dict[str, list[str]] = {}
        if format in WITH_SIDECARS:
            self._find_sidecars(sharded=format == "webdataset" or isinstance(tree, TarTree))

    def tables(self, format: str) -> list[str]:  # noqa: A002
        """The names that may be tables of a format; in `auto` those that say so by their names."""
        beside = {name for names in self.sidecars.values() for name in names}
        candidates = [name for name in self.others if name.lower().endswith(TABLE_SUFFIXES) and name not in beside]
        metadata = [name for name in candidates if PurePosixPath(name).stem.lower() == "metadata"]
        if format == "imagefolder":
            return metadata
        if format in ("csv", "jsonl"):
            suffixes = (".csv", ".tsv") if format == "csv" else (".jsonl",)
            return [name for name in candidates if name.lower().endswith(suffixes)]
        if format in ("coco", "lcad", "label-studio"):
            return [name for name in candidates if name.lower().endswith(".json")]
        if format == "auto":
            named = [name for name in candidates if any(word in name.lower().rsplit("/", 1)[-1] for word in TABLE_WORDS)]
            return list(dict.fromkeys(metadata + named))
        return []

    def set_aside(self, names: Iterable[str]) -> None:
        """Take pictures off the list that are versions of another one."""
        for name in names:
            self.pictures.pop(name, None)

    def ending_with(self, end: str) -> list[str]:
        """The pictures whose path ends with this one."""
        return [name for name in self.pictures if name == end or name.endswith(f"/{end}")]

    def _find_sidecars(self, sharded: bool) -> None:
        beside: dict[str, list[str]] = {}
        for name in self.others:
            if _suffix(name) in SIDECAR_SUFFIXES:
                beside.setdefault(_stem(name, sharded), []).append(name)
        if sharded:
            whole = {_stem(name, True) for name in self.pictures if _is_whole(name)}
            self.set_aside([name for name in self.pictures if not _is_whole(name) and _stem(name, True) in whole])
        for name in self.pictures:
            picture = beside.get(_stem(name, sharded))
            if picture:
                self.sidecars[name] = picture


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _stem(name: str, sharded: bool) -> str:
    """What a picture and the files beside it share: all before the last dot, or, as WebDataset has it, before the first."""
    folder, slash, base = name.rpartition("/")
    return folder + slash + (base.split(".", 1)[0] if sharded else base.rpartition(".")[0])


def _is_whole(name: str) -> bool:
    """Whether a sample's file is its picture, not a mask or another companion (`000001.seg.png`)."""
    return name.rpartition("/")[2].count(".") == 1
