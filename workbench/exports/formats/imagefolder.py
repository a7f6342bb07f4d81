"""The layout that training reads, and `datasets.load_dataset("imagefolder")`: one folder a split with `metadata.jsonl`."""

from typing import Any

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import ExportFolder, to_json
from workbench.exports.items import Items, origins_of
from workbench.images import item_names
from workbench.releases.item_weights import weight_of

__all__ = ["row_of", "write"]


def write(folder: ExportFolder, items: Items) -> None:
    """Write every split: `gray/`, `color/` and a row of metadata an item, file names relative to the split's folder.

    The weight says how much a target is to be trusted in training (`workbench.releases.item_weights`).
    """
    for split in Split:
        with folder.lines(f"{split}/metadata.jsonl") as add:
            for item in items.of(split):
                gray, color = item_names(item)
                folder.gray(item.source_key, f"{split}/gray/{gray}")
                folder.copy(item.color_key, f"{split}/color/{color}")
                names = {"gray_file_name": f"gray/{gray}", "color_file_name": f"color/{color}"}
                add(to_json({**names, **row_of(item), "weight": weight_of(item)}) + "\n")
                items.advance(1)


def row_of(item: ReleaseItem) -> dict[str, Any]:
    """What an item says beside its pictures: caption, level, the source's hash, the kind of target, origins, and regions as JSON text.

    As text, for a reader that infers types from the first rows takes a list that is empty there for one of nothing.
    """
    return {
        "caption": item.caption_text,
        "level": item.level.value,
        "image": item.image_sha256,
        "target": item.target.value,
        **origins_of(item),
        "regions": to_json(item.regions),
    }
