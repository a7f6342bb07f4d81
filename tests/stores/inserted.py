"""Plain rows of pictures, captions and masks, written without the services; every number has a tiny picture of its own."""

import hashlib

import numpy as np

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, RegionOrigin
from db.models import Caption, Duplicate, Grounding, Image, Mention, MentionColor, Region
from tests.pictures import encoded, noise
from workbench.imaging import masks

HEIGHT, WIDTH = 6, 8


def insert_image(session, media, number: int, *, gray: bool = False, attributes=None, license_name=None) -> Image:
    """An image as if it had been imported: noise of its own for each number."""
    content = encoded(noise(number, HEIGHT, WIDTH, gray=gray))
    key = media.put(content, ".png")
    image = Image(
        sha256=hashlib.sha256(content).hexdigest(),
        pixel_hash=hashlib.sha256(content).hexdigest(),
        phash=number,
        media_key=key,
        upright_key=key,
        file_name=f"photo-{number}.png",
        source="test",
        format="PNG",
        width=WIDTH,
        height=HEIGHT,
        bit_depth=8,
        has_reference=not gray,
        colorfulness=0.0 if gray else 30.0,
        mean_lightness=50.0,
        license=license_name,
        attributes=attributes or {},
    )
    session.add(image)
    session.flush()
    return image


def insert_caption(session, image, text="a red cup on a table", *, level=CaptionLevel.PARTIAL, status=CaptionStatus.ACCEPTED) -> Caption:
    """A caption of a level, without what its words mention."""
    caption = Caption(
        image_id=image.id,
        text=text,
        level=level,
        computed_level=level,
        status=status,
        text_origin=Origin.HUMAN,
        level_origin=Origin.RULE,
        author="test",
    )
    session.add(caption)
    session.flush()
    return caption


def insert_grounding(session, caption, phrase="a red cup", noun="cup", colors=("red",), *, column=0) -> Region:
    """Mention a phrase of the caption and put it on a mask three columns wide."""
    start = caption.text.index(phrase)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[1:4, column : column + 3] = True
    rle = masks.encode(mask)
    x, y, width, height = masks.box(rle)
    region = Region(
        image_id=caption.image_id,
        mask=rle,
        mask_hash=masks.mask_hash(rle),
        box_x=x,
        box_y=y,
        box_width=width,
        box_height=height,
        area_px=masks.area(rle),
        label=noun,
        origin=RegionOrigin.HUMAN,
        author="test",
    )
    mention = Mention(caption_id=caption.id, object=noun, start=start, end=start + len(phrase), colorable=True)
    session.add_all([region, mention])
    session.flush()
    session.add_all(MentionColor(mention_id=mention.id, color=color, position=place) for place, color in enumerate(colors))
    session.add(Grounding(mention_id=mention.id, region_id=region.id, origin=Origin.HUMAN))
    session.flush()
    return region


def insert_duplicate(session, image, original) -> None:
    """Record that one of two images is nearly the other."""
    first, second = sorted((image.id, original.id))
    session.add(Duplicate(image_id=second, original_id=first, kind=DuplicateKind.NEAR, distance=3))
    session.flush()


def insert_described(session, media, count=10, **options):
    """Images with a caption each."""
    images = [insert_image(session, media, number, **options) for number in range(count)]
    for image in images:
        insert_caption(session, image)
    return images
