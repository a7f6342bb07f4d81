"""The layout of the L-CAD paper's data: `caption_train.json` as {file: [captions]} beside `train2017/`."""

from collections.abc import Callable, Iterator

from db.enums import Split
from db.models import ReleaseItem
from workbench.exporting.folder import ExportFolder, item_names, to_json

__all__ = ["NAMES", "write"]

NAMES = {Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}
"""The layout's short names of the splits."""


def write(folder: ExportFolder, stream: Callable[[Split], Iterator[ReleaseItem]], advance: Callable[[], None]) -> None:
    """Write `<name>2017/` with the color targets and `caption_<name>.json`; captions with the same target share its file."""
    for split, name in NAMES.items():
        captions: dict[str, list[str]] = {}
        for item in stream(split):
            _, file_name = item_names(item)
            folder.copy(item.color_key, f"{name}2017/{file_name}")
            captions.setdefault(file_name, []).append(item.caption_text)
            advance()
        folder.write(f"caption_{name}.json", to_json(captions, indent=1))
