"""COCO: captions and instances (RLE) of each split, over the color targets."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO, Any

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import ExportFolder, to_json
from workbench.exports.items import Items, by_target, caption_origins, picture_origins
from workbench.exports.licenses import license_link
from workbench.images import picture_name
from workbench.imaging import masks

__all__ = ["write"]


class Rows:
    """An array of JSON objects that waits on the disk until the file it belongs to is written."""

    def __init__(self, file: IO[bytes]):
        self.count = 0
        self._file = file

    def add(self, row: dict[str, Any]) -> None:
        """Append an object."""
        self._file.write((",\n" if self.count else "").encode() + to_json(row).encode())
        self.count += 1

    def pour(self, target) -> None:
        """Write the whole array into a file."""
        self._file.seek(0)
        target.write(b"[")
        shutil.copyfileobj(self._file, target)
        target.write(b"]")


@dataclass
class Tables:
    """The tables of one split, and the numbers of its images: a photo that came with one in a COCO file keeps it."""

    images: Rows
    captions: Rows
    instances: Rows
    kept: set[int] = field(default_factory=set)
    used: set[int] = field(default_factory=set)
    last: int = 0

    def number(self, item: ReleaseItem) -> int:
        """The number of an image's next color target: its own, once, else the first that nobody keeps."""
        own = coco_id(item)
        if own in self.kept and own not in self.used:
            self.used.add(own)
            return own
        self.last = next(number for number in count(self.last + 1) if number not in self.kept)
        return self.last


def coco_id(item: ReleaseItem) -> int | None:
    """The number that an image brought from a COCO file."""
    return (item.origins or {}).get("coco_id")


def write(folder: ExportFolder, items: Items) -> None:
    """Write `<split>/` with the pictures, and `annotations/captions_<split>.json` and `instances_<split>.json`.

    An image of COCO is one color target; captions with the same target share it. A category is an object noun; ids count from 1 in the
    order of the items and are the same in all splits, as those of licenses are. Masks keep their run lengths as they are. A photo that
    came from a COCO file keeps its number.
    """
    categories: dict[str, int] = {}
    licenses: dict[str, int] = {}
    with ExitStack() as open_tables:
        tables = {split: open_tables.enter_context(_tables(folder.root)) for split in Split}
        for split in Split:
            tables[split].kept.update(number for item in items.of(split) if (number := coco_id(item)) is not None)
            for group in by_target(items.of(split)):
                _add(folder, split, group, tables[split], categories, licenses)
                items.advance(len(group))
        listed = [{"id": number, "name": noun, "supercategory": "object"} for noun, number in categories.items()]
        shared = {"licenses": [{"id": number, "name": name, "url": license_link(name)} for name, number in licenses.items()]}
        for split in Split:
            _write_file(folder, "captions", split, tables[split].images, tables[split].captions, shared)
            _write_file(folder, "instances", split, tables[split].images, tables[split].instances, shared | {"categories": listed})


@contextmanager
def _tables(root: Path) -> Iterator[Tables]:
    with ExitStack() as files:
        images, captions, instances = (Rows(files.enter_context(tempfile.TemporaryFile(dir=root))) for _ in range(3))
        yield Tables(images, captions, instances)


def _add(
    folder: ExportFolder,
    split: Split,
    group: list[ReleaseItem],
    tables: Tables,
    categories: dict[str, int],
    licenses: dict[str, int],
) -> None:
    """Enter one color target with its captions, and each of its masks once; captions that mean it are named in its `phrases`."""
    first, image_id = group[0], tables.number(group[0])
    name = picture_name(first)
    folder.copy(first.color_key, f"{split}/{name}")
    image = {"id": image_id, "file_name": name, "width": first.width, "height": first.height, "sha256": first.image_sha256}
    tables.images.add(image | _credit(first, licenses))
    instances: dict[str, dict[str, Any]] = {}
    for item in group:
        caption_id = tables.captions.count + 1
        tables.captions.add(
            {"id": caption_id, "image_id": image_id, "caption": item.caption_text, "level": item.level.value} | caption_origins(item)
        )
        for region in item.regions:
            key = masks.mask_hash(region["mask"])
            if key not in instances:
                category = categories.setdefault(region["object"], len(categories) + 1)
                instances[key] = _instance(image_id, category, region["mask"]) | {"origin": region.get("origin", "")}
            phrase = {name: region[name] for name in ("phrase", "start", "end", "colors")}
            instances[key]["phrases"].append({"caption_id": caption_id, **phrase})
    for instance in instances.values():
        tables.instances.add({"id": tables.instances.count + 1, **instance})


def _credit(item: ReleaseItem, licenses: dict[str, int]) -> dict[str, Any]:
    """Where an image is from, in COCO's words where it has some: the license by its number, the address as `coco_url`."""
    told: dict[str, Any] = {name: value for name, value in picture_origins(item).items() if name != "coco_id"}
    if name := told.pop("license", None):
        told["license"] = licenses.setdefault(name, len(licenses) + 1)
    if url := told.pop("url", None):
        told["coco_url"] = url
    return told


def _instance(image_id: int, category_id: int, mask: masks.Rle) -> dict[str, Any]:
    return {
        "image_id": image_id,
        "category_id": category_id,
        "segmentation": mask,
        "area": masks.area(mask),
        "bbox": list(masks.box(mask)),
        "iscrowd": 0,
        "phrases": [],
    }


def _write_file(folder: ExportFolder, kind: str, split: Split, images: Rows, annotations: Rows, beside: dict[str, Any]) -> None:
    with folder.stream(f"annotations/{kind}_{split}.json") as target:
        shared = {**beside, "info": {"description": f"{kind} of the split {split}"}}
        target.write(to_json(shared).removesuffix("}").encode() + b', "images": ')
        images.pour(target)
        target.write(b', "annotations": ')
        annotations.pour(target)
        target.write(b"}")
