"""Tasks of Label Studio as files: pictures, and `tasks.json` with captions and masks as predictions, for its import page."""

from db.enums import Split
from db.models import ReleaseItem
from workbench.exports.atomic_folder import ExportFolder, to_json
from workbench.exports.items import Items, by_target, caption_origins, picture_origins
from workbench.images import picture_name
from workbench.imaging import masks
from workbench.labelstudio import labeling_configs
from workbench.labelstudio.result_json import labels_of, mask_result, prediction, text_result

__all__ = ["write"]


def write(folder: ExportFolder, items: Items) -> None:
    """Write `<split>/` with the color targets, `tasks.json` with a task for each, and `label_config.xml`, the form they fit.

    A task's picture is named as Label Studio serves local files, relative to a document root at the export's folder.
    """
    folder.write("label_config.xml", labeling_configs.ITEMS + "\n")
    with folder.lines("tasks.json") as add:
        before = "[\n"
        for split in Split:
            for group in by_target(items.of(split)):
                name = folder.copy(group[0].color_key, f"{split}/{picture_name(group[0])}")
                add(before + to_json(_task(name, split, group)))
                before = ",\n"
                items.advance(len(group))
        add("\n]\n" if before != "[\n" else "[]\n")


def _task(name: str, split: Split, group: list[ReleaseItem]) -> dict:
    drawn: dict[str, dict] = {}
    for region in (region for item in group for region in item.regions):
        drawn.setdefault(masks.mask_hash(region["mask"]), region)
    phrases = labels_of(region["phrase"] for region in drawn.values())
    results = [
        text_result(f"caption-{place}", [item.caption_text], {"level": item.level.value, **caption_origins(item)})
        for place, item in enumerate(group)
    ]
    results += [
        mask_result(f"mask-{key[:12]}", region["mask"], label) | {"meta": {"origin": region.get("origin", "")}}
        for (key, region), label in zip(drawn.items(), phrases, strict=True)
    ]
    data = {
        "image": f"/data/local-files/?d={name}",
        "phrases": [{"value": label} for label in phrases],
        "split": split.value,
        "wb_id": group[0].image_sha256,
        **picture_origins(group[0]),
    }
    return {"data": data, "predictions": [prediction(results)]}
