"""The layout of sd-scripts: a text file beside each color target with one caption a line, and the `dataset.toml` that says so."""

from collections.abc import Callable

from db.enums import Split
from workbench.exports.atomic_folder import ExportFolder
from workbench.exports.items import Items, by_target, origin_line
from workbench.images import picture_name

__all__ = ["as_line", "write"]

CONFIG = """# For --dataset_config; start the training in this folder, or make image_dir absolute. One caption of a file is drawn each time.
[general]
caption_extension = ".txt"
enable_wildcard = true

[[datasets]]
resolution = 512
enable_bucket = true
batch_size = 1

  [[datasets.subsets]]
  image_dir = "train"
  num_repeats = 1
"""


def write(folder: ExportFolder, items: Items) -> None:
    """Write `<split>/` with a picture and a `.txt` of the same name for each color target, and `dataset.toml` over train.

    The layout has no room for origins: they stand in `origins_<split>.jsonl`, a line a description.
    """
    for split in Split:
        with folder.lines(f"origins_{split}.jsonl") as tell:
            _write_split(folder, items, split, tell)
    folder.write("dataset.toml", CONFIG)


def _write_split(folder: ExportFolder, items: Items, split: Split, tell: Callable[[str], None]) -> None:
    for group in by_target(items.of(split)):
        name = picture_name(group[0])
        folder.copy(group[0].color_key, f"{split}/{name}")
        captions = "".join(f"{as_line(item.caption_text)}\n" for item in group)
        folder.write(f"{split}/{name.rpartition('.')[0]}.txt", captions, part=False)
        for item in group:
            tell(origin_line(f"{split}/{name}", item))
        items.advance(len(group))


def as_line(caption: str) -> str:
    """A caption as sd-scripts reads it from a line: white space is one blank, and braces, its wildcards, are doubled."""
    return " ".join(caption.split()).replace("{", "{{").replace("}", "}}")
