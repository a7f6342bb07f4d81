"""The layout of sd-scripts: a text file beside each color target with one caption a line, and the `dataset.toml` that says so."""

from db.enums import Split
from workbench.exports.atomic_folder import ExportFolder
from workbench.exports.items import Items, by_target
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
    """Write `<split>/` with a picture and a `.txt` of the same name for each color target, and `dataset.toml` over train."""
    for split in Split:
        for group in by_target(items.of(split)):
            name = picture_name(group[0])
            folder.copy(group[0].color_key, f"{split}/{name}")
            captions = "".join(f"{as_line(item.caption_text)}\n" for item in group)
            folder.write(f"{split}/{name.rpartition('.')[0]}.txt", captions, part=False)
            items.advance(len(group))
    folder.write("dataset.toml", CONFIG)


def as_line(caption: str) -> str:
    """A caption as sd-scripts reads it from a line: white space is one blank, and braces, its wildcards, are doubled."""
    return " ".join(caption.split()).replace("{", "{{").replace("}", "}}")
