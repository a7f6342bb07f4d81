"""A small release with all that an export can hold, for the tests of the exports."""

from tests.workbench.library import add_caption, add_checkpoint, add_image, colorize, ground
from workbench import releases, reviews


def release_of_twelve(session, media):
    """Twelve items over ten images, two of them gray originals with an accepted colorization, some with masks, one without any."""
    images = [add_image(session, media, number, gray=number > 7, license_name="CC0" if number else None) for number in range(10)]
    captions = [add_caption(session, image) for image in images]
    captions += [add_caption(session, image, "a blue plate near a red cup", level="complete") for image in images[:2]]
    for place, caption in enumerate(captions[1:], 1):
        ground(session, caption, column=place % 3)
    ground(session, captions[-1], "a blue plate", "plate", ("blue",), column=4)
    for row in colorize(session, media, add_checkpoint(session)):
        reviews.review(session, row.id, "accept", reviewer="ada")
    return releases.create(session, media, name="set", author="ada", note="For a test.")
