"""Writing the demo as files, so that the store is filled by the same import that reads a user's own files."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image
from pycocotools import mask as coco_mask

from pipelines.demo.captions import Caption
from pipelines.demo.photos import DemoPhoto, DemoRegion, demo_photos
from pipelines.demo.scenes import DemoScene, demo_scenes


@dataclass(frozen=True)
class DemoFiles:
    """Where the demo lies: pictures, `{file: [captions]}` as L-CAD has it, one JSON line a picture, and what could not be made."""

    images: Path
    captions: Path
    metadata: Path
    missing: tuple[str, ...]


def write_demo(folder: Path, size: int = 256, studios: int = 0) -> DemoFiles:
    """Write `images/`, `captions.json` and `metadata.jsonl` into a folder, which is made if need be; the same call gives the same bytes.

    Photos are copied as they are, scenes are PNG files of `size` pixels; `studios` more are of `pipelines.demo.studios`. A line of the
    metadata holds `file_name, name, kind` (photo or scene), `reference` (false where the original is gray), `width, height, license,
    source, tags`, `scene_source` (the photos whose things it shows), `captions` (`text, level, phrases`, a phrase being `text, start,
    end, region`) and `regions` (`name, nouns, origin, mask` as COCO RLE).
    """
    images = Path(folder) / "images"
    images.mkdir(parents=True, exist_ok=True)
    photos, scenes = demo_photos(), demo_scenes(size, studios)
    rows = []
    for photo in photos:
        file_name = f"{photo.name}{photo.path.suffix}"
        shutil.copyfile(photo.path, images / file_name)
        rows.append(_row(file_name, "photo", photo, photo.reference))
    for scene in scenes:
        file_name = f"scene-{scene.name}.png"
        PIL.Image.fromarray(scene.rgb).save(images / file_name)
        rows.append(_row(file_name, "scene", scene, True))
    captions, metadata = Path(folder) / "captions.json", Path(folder) / "metadata.jsonl"
    texts = {row["file_name"]: [caption["text"] for caption in row["captions"]] for row in rows}
    captions.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    metadata.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return DemoFiles(images, captions, metadata, photos.missing + scenes.missing)


def _row(file_name: str, kind: str, item: DemoPhoto | DemoScene, reference: bool) -> dict:
    height, width = item.rgb.shape[:2]
    origin = "human" if kind == "photo" else "composed"
    return {
        "file_name": file_name,
        "name": item.name,
        "kind": kind,
        "reference": reference,
        "width": width,
        "height": height,
        "license": item.license,
        "source": item.source,
        "scene_source": list(item.shown) if isinstance(item, DemoScene) else [item.name],
        "tags": ["demo", kind, *item.tags],
        "captions": [_caption(caption) for caption in item.captions],
        "regions": [_region(region, origin) for region in item.regions],
    }


def _caption(caption: Caption) -> dict:
    phrases = [{"text": phrase.text, "start": phrase.start, "end": phrase.end, "region": phrase.region} for phrase in caption.phrases]
    return {"text": caption.text, "level": caption.level, "phrases": phrases}


def _region(region: DemoRegion, origin: str) -> dict:
    encoded = coco_mask.encode(np.asfortranarray(region.mask.astype(np.uint8)))
    rle = {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode("ascii")}
    return {"name": region.name, "nouns": list(region.nouns), "origin": origin, "mask": rle}
