"""Pictures, captions and masks, entered as a person enters them."""

from collections.abc import Iterable, Mapping

import numpy as np

from db.enums import Origin, RegionOrigin
from db.models import Image
from tests.pictures import encoded, png
from workbench import captions, images, regions

TEXT = "a red cup on a brown table next to a cat"


def add_image(session, media, seed=0, *, source="test", file_name=None, **options):
    """An image from a seed; options go to `picture`."""
    content = png(seed, **options)
    return images.import_file(session, media, content, file_name=file_name or f"{seed}.png", source=source).image


def add_caption(session, image, text=TEXT, **options):
    """An accepted caption by a person."""
    return captions.add(session, image.id, text, **{"text_origin": Origin.HUMAN, "author": "ada"} | options)


def square(image, left=10, top=10, side=20):
    """A square mask in an image."""
    mask = np.zeros((image.height, image.width), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def add_region(session, image, **place):
    """A region drawn by a person."""
    return regions.add(session, image.id, square(image, **place), origin=RegionOrigin.HUMAN, author="ada")


def mention(session, caption, object_):
    """The mention of an object in a caption."""
    return next(view.mention for view in regions.for_caption(session, caption.id) if view.mention.object == object_)


def ground(session, caption, object_, region):
    """Put a caption's object on a region."""
    regions.ground(session, mention(session, caption, object_).id, region.id, origin=Origin.HUMAN, actor="ada")


def add_described(
    session,
    media,
    pixels: np.ndarray,
    masks: Mapping[str, np.ndarray],
    texts: Iterable[str] = (),
    *,
    file_name: str,
    source: str = "test",
    author: str = "test",
) -> Image:
    """Import a picture with a region for each name, and captions whose objects are on the regions of their names.

    `pixels` (H, W, 3) uint8, each mask (H, W) bool.
    """
    image = images.import_file(session, media, encoded(pixels), file_name=file_name, source=source).image
    drawn = {
        name: regions.add(session, image.id, mask, origin=RegionOrigin.HUMAN, label=name, author=author).id for name, mask in masks.items()
    }
    for text in texts:
        caption = captions.add(session, image.id, text, text_origin=Origin.HUMAN, author=author)
        for grounded in regions.for_caption(session, caption.id):
            if grounded.mention.object in drawn:
                regions.ground(session, grounded.mention.id, drawn[grounded.mention.object], origin=Origin.HUMAN, actor=author)
    return image
