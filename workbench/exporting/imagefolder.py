"""The layout that training reads, and `datasets.load_dataset("imagefolder")`: one folder a split with `metadata.jsonl`."""

from collections.abc import Callable, Iterator

from db.enums import Split
from db.models import ReleaseItem
from workbench.exporting.folder import ExportFolder, item_names, to_json

__all__ = ["write"]


def write(folder: ExportFolder, stream: Callable[[Split], Iterator[ReleaseItem]], advance: Callable[[], None]) -> None:
    """Write every split: `gray/`, `color/` and a row of metadata an item, file names relative to the split's folder."""
    for split in Split:
        with folder.lines(f"{split}/metadata.jsonl") as add:
            for item in stream(split):
                gray, color = item_names(item)
                folder.gray(item.source_key, f"{split}/gray/{gray}")
                folder.copy(item.color_key, f"{split}/color/{color}")
                row = {
                    "gray_file_name": f"gray/{gray}",
                    "color_file_name": f"color/{color}",
                    "caption": item.caption_text,
                    "level": item.level.value,
                    "image": item.image_sha256,
                    "target": item.target.value,
                    "regions": item.regions,
                }
                add(to_json(row) + "\n")
                advance()
