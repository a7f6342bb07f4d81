"""Source photos: importing one, finding, tagging, and their pixels."""

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import Image, ImageTag
from workbench import search
from workbench.errors import InvalidInputError, NotFoundError
from workbench.images.credits import Credit
from workbench.images.ingest import ImportOutcome, keep, likenesses, near_index, prepare, store
from workbench.imaging import lightness_of
from workbench.search import Count, parse
from workbench.store import MediaStore, batches, events, require, sorted_ids, values_among

LONGEST_TAG = 60


def import_file(
    session: Session,
    media: MediaStore,
    content: bytes,
    *,
    file_name: str,
    source: str,
    run_id: int | None = None,
    credit: Credit = Credit(),
    attributes: dict[str, Any] | None = None,
    actor: str = "import",
    batch_id: str | None = None,
) -> ImportOutcome:
    """Add one file: decoded, measured, kept as it is and as its upright rendition, with its near duplicates recorded.

    Equal bytes or pixels are not added twice; an import of many files keeps a `near_index` and stores in batches. Raises
    UnreadableFileError with the reason, before anything is written.
    """
    prepared = [keep(media, prepare(content, file_name, credit=credit, attributes=attributes))]
    near = likenesses(near_index(session), prepared)
    outcomes = store(session, prepared, source=source, near=near, actor=actor, run_id=run_id, batch_id=batch_id)
    return outcomes[0]


def get(session: Session, image_id: int) -> Image:
    """The image with an id; raises NotFoundError."""
    return require(session, Image, image_id)


def by_id(session: Session, image_ids: Iterable[int]) -> dict[int, Image]:
    """The images with these ids that are there, by id."""
    keys = sorted(set(image_ids))
    return {image.id: image for some in batches(keys) for image in session.scalars(select(Image).where(Image.id.in_(some)))}


def find(session: Session, query: str = "", *, after_id: int | None = None, limit: int = 60, newest_first: bool = False) -> list[Image]:
    """Images that match a query of the grammar, by id; a page begins after `after_id` in the order asked for."""
    return search.images_of(session, parse(query), after_id=after_id, limit=limit, newest_first=newest_first)


def count(session: Session, query: str = "") -> Count:
    """How many images match a query."""
    return search.count_images(session, parse(query))


def ids(session: Session, query: str = "") -> list[int]:
    """The ids of all images that match a query, ascending."""
    return id_array(session, query).tolist()


def id_array(session: Session, query: str = "") -> array:
    """The same in eight bytes each: for lists that are kept."""
    everything = select(Image.id) if not query.strip() else search.ids_of_images(session, parse(query))
    return sorted_ids(session, everything)


def tag(session: Session, image_ids: Iterable[int], tag: str, *, actor: str, batch_id: str | None = None, run_id: int | None = None) -> int:
    """Put a tag on images; return how many did not have it. Raises InvalidInputError for a tag that no query could name."""
    word = require_tag(tag)
    keys = set(image_ids)
    known = values_among(session, select(Image.id), Image.id, keys)
    if keys - known:
        raise NotFoundError(f"There is no image {min(keys - known)}.")
    tagged = values_among(session, select(ImageTag.image_id).where(ImageTag.tag == word), ImageTag.image_id, keys)
    rows = [{"image_id": key, "tag": word} for key in sorted(keys - tagged)]
    if rows:
        session.execute(insert(ImageTag), rows)
    changes = ((f"{row['image_id']}:{word}", None, row) for row in rows)
    return events.record_many(session, changes, actor=actor, action="tag", subject="image_tag", batch_id=batch_id, run_id=run_id)


def untag(
    session: Session, image_ids: Iterable[int], tag: str, *, actor: str, batch_id: str | None = None, run_id: int | None = None
) -> int:
    """Take a tag off images; return how many had it."""
    word = require_tag(tag)
    tagged = values_among(session, select(ImageTag.image_id).where(ImageTag.tag == word), ImageTag.image_id, set(image_ids))
    keys = sorted(tagged)
    for some in batches(keys):
        session.execute(delete(ImageTag).where(ImageTag.tag == word, ImageTag.image_id.in_(some)))
    changes = ((f"{key}:{word}", {"image_id": key, "tag": word}, None) for key in keys)
    return events.record_many(session, changes, actor=actor, action="untag", subject="image_tag", batch_id=batch_id, run_id=run_id)


def tags(session: Session, image_id: int) -> list[str]:
    """The tags of an image in alphabetical order."""
    return list(session.scalars(select(ImageTag.tag).where(ImageTag.image_id == image_id).order_by(ImageTag.tag)))


def upright_rgb(media: MediaStore, image: Image) -> NDArray[np.uint8]:
    """The upright sRGB pixels of an image, (H, W, 3) uint8; raises NotFoundError where its file is gone."""
    with media.open(image.upright_key) as source, PIL.Image.open(source) as opened:
        return np.array(opened.convert("RGB"))


def lightness(media: MediaStore, image: Image) -> NDArray[np.float32]:
    """Lab L* of an image's upright pixels, (H, W) float32 in [0, 100]."""
    return lightness_of(upright_rgb(media, image))


def require_tag(tag: str) -> str:
    """A tag without the spaces around it; raises InvalidInputError for one that no query could name."""
    word = tag.strip()
    if not word or len(word) > LONGEST_TAG or set('",*()') & set(word):
        raise InvalidInputError(
            f'"{tag}" cannot be a tag; use up to {LONGEST_TAG} characters without quotes, commas, stars or parentheses.'
        )
    return word
