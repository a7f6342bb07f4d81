"""COCO: captions and instances (RLE) of each split, over the color targets."""

from collections.abc import Callable, Iterator
from typing import Any

from db.enums import Split
from db.models import ReleaseItem
from workbench import masks
from workbench.exporting.folder import ExportFolder, item_names, to_json

__all__ = ["write"]


def write(folder: ExportFolder, stream: Callable[[Split], Iterator[ReleaseItem]], advance: Callable[[], None]) -> None:
    """Write `<split>/` with the pictures, and `annotations/captions_<split>.json` and `instances_<split>.json`.

    An image of COCO is one color target; captions with the same target share it. A category is an object noun; ids count from 1
    and are the same in all splits. Masks keep their run lengths as they are.
    """
    categories: dict[str, int] = {}
    for noun in sorted({region["object"] for split in Split for item in stream(split) for region in item.regions}):
        categories[noun] = len(categories) + 1
    for split in Split:
        images: dict[str, dict[str, Any]] = {}
        seen: dict[tuple[int, str], int] = {}
        captions: list[dict[str, Any]] = []
        instances: list[dict[str, Any]] = []
        for item in stream(split):
            image = _image(folder, split, item, images)
            captions.append({"id": len(captions) + 1, "image_id": image["id"], "caption": item.caption_text, "level": item.level.value})
            for region in item.regions:
                _add_instance(instances, seen, image["id"], captions[-1]["id"], region, categories)
            advance()
        shared = {"images": list(images.values()), "licenses": [], "info": {"description": f"split {split}"}}
        listed = [{"id": number, "name": noun, "supercategory": "object"} for noun, number in categories.items()]
        folder.write(f"annotations/captions_{split}.json", to_json({**shared, "annotations": captions}))
        folder.write(f"annotations/instances_{split}.json", to_json({**shared, "annotations": instances, "categories": listed}))


def _image(folder: ExportFolder, split: Split, item: ReleaseItem, images: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if item.color_key not in images:
        _, name = item_names(item)
        folder.copy(item.color_key, f"{split}/{name}")
        images[item.color_key] = {"id": len(images) + 1, "file_name": name, "width": item.width, "height": item.height}
    return images[item.color_key]


def _add_instance(
    instances: list[dict[str, Any]],
    seen: dict[tuple[int, str], int],
    image_id: int,
    caption_id: int,
    region: dict[str, Any],
    categories: dict[str, int],
) -> None:
    """Enter a mask once an image; further captions that mean it are named in its `phrases`."""
    mask = region["mask"]
    key = image_id, masks.mask_hash(mask)
    if key not in seen:
        seen[key] = len(instances)
        instances.append(
            {
                "id": len(instances) + 1,
                "image_id": image_id,
                "category_id": categories[region["object"]],
                "segmentation": mask,
                "area": masks.area(mask),
                "bbox": list(masks.box(mask)),
                "iscrowd": 0,
                "phrases": [],
            }
        )
    phrase = {"caption_id": caption_id, **{name: region[name] for name in ("phrase", "start", "end", "colors")}}
    instances[seen[key]]["phrases"].append(phrase)
