"""The layout that L-CAD's own code reads: `caption_train.json` as {file: [captions]} beside `train2017/`."""

import json

from db.enums import Split
from workbench.exports.atomic_folder import ExportFolder
from workbench.exports.items import Items, by_target, origin_line
from workbench.images import picture_name

__all__ = ["NAMES", "write"]

NAMES = {Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}
"""The layout's short names of the splits."""


def write(folder: ExportFolder, items: Items) -> None:
    """Write `<name>2017/` with the color targets and `caption_<name>.json`; captions with the same target share its file.

    The layout has no room for origins: they stand in `origins_<name>.jsonl`, a line a description.
    """
    for split, name in NAMES.items():
        with folder.lines(f"caption_{name}.json") as add, folder.lines(f"origins_{name}.jsonl") as tell:
            before = "{\n"
            for group in by_target(items.of(split)):
                file_name = picture_name(group[0])
                folder.copy(group[0].color_key, f"{name}2017/{file_name}")
                texts = json.dumps([item.caption_text for item in group], ensure_ascii=False)
                add(f"{before}{json.dumps(file_name)}: {texts}")
                before = ",\n"
                for item in group:
                    tell(origin_line(file_name, item))
                items.advance(len(group))
            add("\n}" if before != "{\n" else "{}")
