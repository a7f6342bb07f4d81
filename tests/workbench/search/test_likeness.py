"""`like:` finds the images most like one, in their order and beside other conditions; `map:` those in a part of the map."""

import numpy as np
import pytest

from db.models import Image
from db.schema import upgrade
from db.session import connect, transaction
from tests.stores import insert_caption, insert_image
from workbench import images, search, vision_language
from workbench.errors import InvalidInputError, NotFoundError
from workbench.images import crops, features
from workbench.imaging.landmarks import landmarks_of

ANGLES = (0, 40, 10, 170, 20)


@pytest.fixture
def turned(session, media):
    """Five images whose vectors are turned by ANGLES degrees from the first one's; the third has a caption."""
    rows = [insert_image(session, media, number) for number in range(len(ANGLES))]
    insert_caption(session, rows[2])
    turns = np.radians(ANGLES)
    vectors = {image.id: np.array([np.cos(turn), np.sin(turn)]) for image, turn in zip(rows, turns, strict=True)}
    features.keep(session, vectors, "test")
    return [image.id for image in rows]


def ids_of(session, query, **options):
    return [image.id for image in images.find(session, query, **options)]


def test_the_most_like_come_first_and_the_image_itself_before_all(session, turned):
    first, second, third, fourth, fifth = turned
    assert ids_of(session, f"like:{first}", newest_first=True) == [first, third, fifth, second, fourth]
    [_, (key, likeness), *_] = search.most_like(session, first)
    assert (key, round(likeness, 3)) == (third, round(float(np.cos(np.radians(10))), 3))
    assert ids_of(session, f"like:{first}", after_id=third, limit=2) == [fifth, second]


def test_likeness_stands_beside_other_conditions(session, turned):
    assert ids_of(session, f"like:{turned[3]} has:caption") == [turned[2]]
    assert ids_of(session, f"like:{turned[0]} sort:oldest") == sorted(turned)
    assert images.count(session, f"like:{turned[0]}") == 5
    assert ids_of(session, f"NOT like:{turned[0]}") == []


def test_what_came_or_went_since_is_known_to_the_next_search(session, media, turned):
    late = insert_image(session, media, 50)
    features.keep(session, {late.id: np.array([1.0, 0.01])}, "test")
    assert ids_of(session, f"like:{turned[0]}")[1] == late.id
    session.delete(session.get(Image, turned[2]))
    session.flush()
    assert turned[2] not in ids_of(session, f"like:{turned[0]}")
    assert search.without_features(session) == 0


def test_an_image_without_features_says_how_they_are_computed(session, media, turned):
    late = insert_image(session, media, 50)
    assert search.without_features(session) == 1
    with pytest.raises(InvalidInputError, match="images features"):
        ids_of(session, f"like:{late.id}")
    with pytest.raises(NotFoundError, match="9999"):
        ids_of(session, "like:9999")


@pytest.mark.parametrize("query", ["like:cat", "map:1-2", "map:100x200"])
def test_a_value_that_is_no_image_or_no_area_is_named(session, query):
    with pytest.raises(InvalidInputError, match="cannot be read"):
        images.find(session, query)


def test_a_part_of_the_map_is_a_query(session, turned):
    features.place(session, turned, np.array([[10, 10], [500, 500], [990, 20], [505, 510], [10, 990]]))
    assert ids_of(session, "map:490x490-510x520") == [turned[1], turned[3]]
    assert ids_of(session, "map:510x520-490x490 id:1-100") == [turned[1], turned[3]]
    assert images.count(session, "NOT map:490x490-510x520") == 3
    assert [(place.image_id, place.x) for place in images.placed(session, 2)] == [(turned[0], 10), (turned[3], 505)]


@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_keeps_and_finds_likenesses_too(postgres_url, media):
    engines = connect(postgres_url)
    upgrade(engines.writer)
    with transaction(engines.writer) as session:
        rows = [insert_image(session, media, number) for number in range(4)]
        keys = [image.id for image in rows]
        turns = np.radians((0, 40, 10, 170))
        features.keep(session, {key: np.array([np.cos(turn), np.sin(turn)]) for key, turn in zip(keys, turns, strict=True)}, "test")
        features.place(session, keys, np.array([[10, 10], [500, 500], [990, 20], [505, 510]]))
        assert ids_of(session, f"like:{keys[0]}") == [keys[0], keys[2], keys[1], keys[3]]
        assert ids_of(session, "map:490x490-510x520") == [keys[1], keys[3]]
        assert crops.record(session, [crops.Pair(keys[0], keys[1])], actor="ann") == 1
        assert [twin.image_id for twin in images.duplicates_of(session, keys[1])] == [keys[0]]
        crops.keep(session, {keys[0]: landmarks_of(np.zeros((60, 60, 3), np.uint8))})
        assert list(session.scalars(images.uncompared())) == keys[1:]
        images.credit_all(session, keys, images.Credit(author="Ada"), actor="ann")
        vision_language.keep(session, vision_language.Endpoint("http://localhost:8000/v1", "eyes"), actor="ann")
        inquiry = vision_language.question(rows[0], vision_language.kept(session))
        vision_language.keep_answer(session, inquiry, vision_language.kept(session), "A cup.")
        assert vision_language.answered(session, inquiry) == "A cup."
    engines.dispose()
