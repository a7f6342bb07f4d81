"""Releases, and a small one with all that an export can hold."""

from tests.stores.colorized import colorize, insert_checkpoint
from tests.stores.inserted import insert_caption, insert_grounding, insert_image
from workbench import releases, reviews


def create_release(session, media, **options):
    """A release of everything, by the standard rules unless others are given."""
    return releases.create(session, media, **({"name": "set", "author": "ada"} | options))


def splits_of(session, release):
    """The split of each image of a release, by its hash."""
    return {item.image_sha256: item.split for item in releases.items(session, release.id)}


def release_of_twelve(session, media):
    """Twelve items over ten images, two of them gray originals with an accepted colorization, some with masks, one without any."""
    images = [insert_image(session, media, number, gray=number > 7, license_name="CC0" if number else None) for number in range(10)]
    captions = [insert_caption(session, image) for image in images]
    captions += [insert_caption(session, image, "a blue plate near a red cup", level="complete") for image in images[:2]]
    for place, caption in enumerate(captions[1:], 1):
        insert_grounding(session, caption, column=place % 3)
    insert_grounding(session, captions[-1], "a blue plate", "plate", ("blue",), column=4)
    for row in colorize(session, media, insert_checkpoint(session)):
        reviews.review(session, row.id, "accept", reviewer="ada")
    return releases.create(session, media, name="set", author="ada", note="For a test.")
