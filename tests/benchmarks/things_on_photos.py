"""Real photos with things on them, none of which the embedded checkpoint's training has seen: colors by name, masks exact.

The photos are those that training held out (`photo_sources.read_names`), the things cut-outs whose labels it held out
(`source_files.parted`). Each photo stands behind two scenes, and scenes of one photo share their source.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image

from db.enums import CaptionLevel, RegionOrigin
from pipelines.composing.scenes import Backdrop, Scene, compose_scene
from pipelines.pretraining.photo_sources import read_names
from pipelines.pretraining.source_files import parted, read_cutouts
from workbench.imaging import masks, png_of
from workbench.importing import Item, ItemCaption, ItemRegion, Notes, Phrase

SIDE, MOST_THINGS, EACH = 192, 3, 2


def things_on_photos(photos: Path, cutouts: Path, count: int, seed: int) -> Iterator[Item]:
    """So many scenes of one to three things with a complete caption each; ValueError where nothing was held out."""
    _, things = parted(read_cutouts(cutouts))
    _, names = read_names(photos)
    if not things or not names:
        raise ValueError(f"nothing was held out: {len(things)} cut-outs of {cutouts} and {len(names)} photos of {photos}")
    order = np.random.default_rng(seed).permutation(names)
    for number in range(count):
        name = str(order[number // EACH % len(order)])
        with PIL.Image.open(photos / name) as picture:
            backdrop = Backdrop(np.asarray(picture.convert("RGB")))
        rng = np.random.default_rng([seed, number])
        yield _item(compose_scene(rng, things, [backdrop], 1 + number % MOST_THINGS, SIDE, ("complete",), 1.0), name, number)


def _item(scene: Scene, photo: str, number: int) -> Item:
    (caption,) = scene.captions
    named = sorted({phrase.subject for phrase in caption.phrases if not scene.objects[phrase.subject].background})
    phrases = tuple(Phrase(one.start, one.end, named.index(one.subject)) for one in caption.phrases if one.subject in named)
    regions = [ItemRegion(masks.encode(scene.masks[n]), scene.objects[n].label, RegionOrigin.HUMAN) for n in named]
    content = png_of(scene.rgb)
    name = f"{Path(photo).stem}-{number % EACH}.png"
    notes = Notes([ItemCaption(caption.text, CaptionLevel.COMPLETE, phrases)], regions, source="things on photos", scene_source=[photo])
    return Item(name, name, lambda: content, notes)
