"""One grammar finds images and captions; what cannot be read is shown at its place."""

from contextlib import contextmanager

import pytest

from db.enums import CaptionStatus, Origin
from db.session import transaction
from db.tokens import count_tokens
from tests.stores import add_caption, add_image, add_region, ground, insert_image, migrated, opened
from workbench import captions, images
from workbench.errors import InvalidInputError
from workbench.search import parse
from workbench.search.grammar import And, Not, Or, Term, Words
from workbench.search.sql_conditions import image_condition


def stock(session, media):
    """Four images: a cup with a mask, a fire truck at night, a gray bird, and one without captions."""
    cup, truck, bird, bare = (add_image(session, media, seed, color=seed != 3, source=f"set-{seed % 2}") for seed in (1, 2, 3, 4))
    first = add_caption(session, cup, "a red cup on a brown table next to a cat")
    add_caption(session, cup, "a cup on a table", text_origin=Origin.RULE, status=CaptionStatus.PROPOSED)
    ground(session, first, "cup", add_region(session, cup))
    add_caption(session, truck, "a red fire truck")
    add_caption(session, truck, "trucks, trucks, trucks: a truck on fire, and then some more of it!", text_origin=Origin.IMPORTED)
    dropped = add_caption(session, bird, "a navy bird")
    captions.drop(session, [dropped.id], actor="ada")
    add_caption(session, bird, "birds flying over the navy base")
    images.tag(session, [truck.id, bare.id], "night", actor="ada")
    return cup, truck, bird, bare


@pytest.fixture(scope="module")
def stocked(tmp_path_factory):
    """A reader session on the stocked store, shared: no test here changes anything."""
    with opened(tmp_path_factory.mktemp("query")) as (engines, media), _stocked(engines, media) as session:
        yield session


@contextmanager
def _stocked(engines, media):
    with transaction(engines.writer) as session:
        stock(session, media)
    with transaction(engines.reader) as session:
        yield session


IMAGES = [
    ("", "1234"),
    ("level:partial", "1"),
    ("level:complete", "2"),
    ("level:partial,complete", "12"),
    ("level:partial color:red", "1"),
    ("level:scarce color:red", ""),
    ("color:red", "12"),
    ("color:crimson", ""),
    ("color:crimson,red", "12"),
    ("color:navy", ""),
    ("color:navy status:dropped", "3"),
    ("color:grey", ""),
    ("tru*", "2"),
    ("flyi*", "3"),
    ('"fire tru*"', "2"),
    ("NOT tru*", "134"),
    ("ca*", "1"),
    ("color:blue", ""),
    ("color:blue status:dropped", "3"),
    ("object:cup", "1"),
    ("object:truck*", "2"),
    ("origin:rule", "1"),
    ("origin:human", "12" + "3"),
    ("status:proposed", "1"),
    ("has:mask", "1"),
    ("has:reference", "124"),
    ("has:caption", "123"),
    ("NOT has:caption", "4"),
    ("has:colorization", ""),
    ("reviewed", ""),
    ("NOT reviewed", "1234"),
    ("has:duplicate", ""),
    ("source:set-1", "13"),
    ("source:SET*", "1234"),
    ("source:set-1,set-0", "1234"),
    ("tag:night", "24"),
    ("tag:night NOT has:caption", "4"),
    ("NOT tag:night", "13"),
    ("file:2.png", "2"),
    ("file:*.png", "1234"),
    ("file:_.png", ""),
    ("id:2", "2"),
    ("id:>2", "34"),
    ("id:2-3", "23"),
    ("id:<=1", "1"),
    ("id:1,4", "14"),
    ("caption:1", "1"),
    ("truck", "2"),
    ("bird", "3"),
    ("flying bird", "3"),
    ('"fire truck"', "2"),
    ('"truck fire"', ""),
    ("fire truck", "2"),
    ("cup OR bird", "13"),
    ("cup OR tag:night", "124"),
    ("(cup OR bird) AND has:reference", "1"),
    ("NOT (cup OR bird)", "24"),
    ("cup NOT table", ""),
    ("NOT level:scarce", "4"),
    ("tokens:>15", "2"),
    ("tokens:<10", "12" + "3"),
    ("tokens:6 fire", "2"),
    ("NOT NOT cup", "1"),
    ('cup OR "\'; DROP TABLE image; --"', "1"),
]


@pytest.mark.parametrize(("query", "expected"), IMAGES)
@pytest.mark.slow
def test_images_are_found(stocked, query, expected):
    assert "".join(str(image.id) for image in images.find(stocked, query)) == expected
    assert images.count(stocked, query) == len(expected)


CAPTIONS = [
    ("", [1, 2, 3, 4, 6]),
    ("color:red", [1, 3]),
    ("level:partial color:red", [1]),
    ("status:dropped", [5]),
    ("status:dropped,accepted navy", [5, 6]),
    ("navy", [6]),
    ("has:mask", [1]),
    ("has:reference", [1, 2, 3, 4]),
    ("has:caption tag:night", [3, 4]),
    ("has:review", []),
    ("has:colorization", []),
    ("NOT origin:human", [2, 4]),
    ("source:set-1 OR truck", [1, 2, 3, 4, 6]),
    ("file:3", [6]),
    ("caption:>3", [4, 6]),
    ("object:cup NOT has:mask", [2]),
    ("tokens:>15", [4]),
]


@pytest.mark.parametrize(("query", "expected"), CAPTIONS)
def test_captions_are_found(stocked, query, expected):
    assert [caption.id for caption in captions.find(stocked, query)] == expected


@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_finds_the_same(postgres_url, media):
    with migrated(postgres_url) as engines, _stocked(engines, media) as session:
        for query, expected in IMAGES:
            assert "".join(str(image.id) for image in images.find(session, query)) == expected, query
        for query, expected in CAPTIONS:
            assert [caption.id for caption in captions.find(session, query)] == expected, query


def test_pages_of_images_follow_each_other_in_both_orders(stocked):
    keys = [image.id for image in images.find(stocked, limit=2)]
    keys += [image.id for image in images.find(stocked, after_id=keys[-1], limit=2)]
    assert keys == [1, 2, 3, 4]
    back = [image.id for image in images.find(stocked, limit=3, newest_first=True)]
    back += [image.id for image in images.find(stocked, after_id=back[-1], newest_first=True)]
    assert back == [4, 3, 2, 1]


def test_the_tree_follows_the_precedence_of_not_and_or():
    assert parse("a OR b NOT c").root == Or((Words("a"), And((Words("b"), Not(Words("c"))))))
    assert parse("(a OR b) AND level:scarce,partial").root == And((Or((Words("a"), Words("b"))), Term("level", ("scarce", "partial"))))
    assert parse('object:"fire truck" "a b"').root == And((Term("object", ("fire truck",)), Words("a b")))


@pytest.mark.parametrize(
    ("query", "place", "reason"),
    [
        ("level:foo", 7, "no level; use complete, partial or scarce"),
        ("cup colour:red", 5, "no key"),
        ("color:fast", 7, "no color"),
        ("tokens:many", 8, "no number"),
        ("tokens:>1000000000000000000000", 8, "no number"),
        ("has:teeth", 5, "can have"),
        ("level:", 7, "needs a value"),
        ("level:partial,", 15, "needs a value"),
        ("(cup", 1, "not closed"),
        ("cup)", 4, "closes nothing"),
        ("cup AND", 8, "missing at the end"),
        ("OR cup", 1, "missing before"),
        ("NOT", 4, "missing at the end"),
        ('a "red cup', 3, "not closed"),
        ("()", 2, "missing before"),
        ("!!!", 1, "no letters"),
        ('""', 1, "no letters"),
    ],
)
def test_a_query_that_cannot_be_read_is_shown_at_its_place(query, place, reason):
    with pytest.raises(InvalidInputError, match=f"at character {place}: .*{reason}"):
        parse(query)


def test_tokens_are_counted_alike_in_python_and_in_the_database(stocked):
    for caption in captions.find(stocked, ""):
        assert caption in captions.find(stocked, f"tokens:{count_tokens(caption.text)}")


@pytest.mark.sqlite
def test_names_of_files_are_compared_without_a_call_for_each_of_a_million(session):
    condition = str(image_condition(parse("file:IMG_1*").root).compile(session.connection()))
    assert "LIKE" in condition
    assert "lower(" not in condition


def test_signs_that_mean_something_to_the_database_mean_themselves_in_names(session, media):
    for number, name in enumerate(("a_b.png", "axb.png", "A%B.PNG", "a\\b.png")):
        insert_image(session, media, number).file_name = name
    session.flush()
    found = {query: [image.file_name for image in images.find(session, query)] for query in ("file:a_b", "file:a%b", "file:A*G")}
    assert found == {"file:a_b": ["a_b.png"], "file:a%b": ["A%B.PNG"], "file:A*G": ["a_b.png", "axb.png", "A%B.PNG", "a\\b.png"]}
