"""What is found comes in the order that the query asks for, page by page."""

import pytest

from tests.stores import add_caption, add_image
from workbench import captions, images
from workbench.errors import InvalidInputError
from workbench.search import parse


@pytest.fixture
def three(session, media):
    """Three images: the second has the longest caption, the last has none."""
    first, second, third = (add_image(session, media, seed) for seed in (1, 2, 3))
    add_caption(session, first, "a red cup")
    add_caption(session, second, "a red cup on a brown table next to a gray cat and a blue bird")
    return first.id, second.id, third.id


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ("sort:newest", [2, 1, 0]),
        ("sort:oldest", [0, 1, 2]),
        ("sort:longest", [1, 0, 2]),
        ("cup sort:longest", [1, 0]),
        ("(cup sort:oldest) OR bird", [0, 1]),
        ("sort:adherence", [2, 1, 0]),
    ],
)
def test_images_come_in_their_order(session, three, query, places):
    expected = [three[place] for place in places]
    assert [image.id for image in images.find(session, query, newest_first=True)] == expected
    pages = [images.find(session, query, after_id=after, limit=1)[0].id for after in (None, *expected[:-1])]
    assert pages == expected


def test_captions_come_longest_first(session, three):
    assert [caption.image_id for caption in captions.find(session, "cup sort:longest")] == [three[1], three[0]]


@pytest.mark.parametrize("query", ["sort:color", "NOT sort:newest", "sort:newest sort:oldest", "sort:newest,oldest"])
def test_an_order_that_cannot_be_is_refused(query):
    with pytest.raises(InvalidInputError):
        parse(query)
