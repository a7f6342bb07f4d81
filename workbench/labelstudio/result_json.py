"""Results of Label Studio as it writes them: one entry for each thing that was drawn, written or chosen."""

from collections.abc import Iterable, Sequence
from typing import Any

from workbench.imaging import masks
from workbench.labelstudio import brush_rle

__all__ = ["MODEL_VERSION", "labels_of", "mask_result", "prediction", "text_result"]

MODEL_VERSION = "workbench"


def prediction(results: Sequence[dict[str, Any]], *, score: float | None = None) -> dict[str, Any]:
    """A prediction that Label Studio shows before somebody annotates."""
    entry: dict[str, Any] = {"model_version": MODEL_VERSION, "result": list(results)}
    return entry if score is None else {**entry, "score": score}


def labels_of(phrases: Iterable[str]) -> list[str]:
    """A label for each phrase of a caption, in the order given; a phrase that comes again gets its number: "a cup (2)"."""
    seen: dict[str, int] = {}
    labels = []
    for phrase in phrases:
        seen[phrase] = seen.get(phrase, 0) + 1
        labels.append(phrase if seen[phrase] == 1 else f"{phrase} ({seen[phrase]})")
    return labels


def mask_result(key: str, mask: masks.Rle, label: str) -> dict[str, Any]:
    """A brush mask of the control `brush` on the image `image`, bit for bit the one that is given."""
    height, width = mask["size"]
    value = {"format": "rle", "rle": brush_rle.encode(masks.decode(mask)), "brushlabels": [label]}
    size = {"original_width": width, "original_height": height, "image_rotation": 0}
    return {"id": key, "type": "brushlabels", "from_name": "brush", "to_name": "image", **size, "value": value}


def text_result(key: str, texts: Sequence[str], meta: dict[str, Any] | None = None) -> dict[str, Any]:
    """Texts of the control `caption` about the image `image`."""
    entry = {"id": key, "type": "textarea", "from_name": "caption", "to_name": "image", "value": {"text": list(texts)}}
    return entry if meta is None else {**entry, "meta": meta}
