"""What is frequent in a large table is told by a part of it, and nothing that a query could name is left out while there is room."""

import pytest
from sqlalchemy import insert

from db.models import Mention
from tests.stores import insert_caption, insert_image
from tests.stores.counted_steps import steps_of
from workbench.captions import completions as words
from workbench.captions import spelling
from workbench.search import frequent_values
from workbench.search.completions import completions
from workbench.search.frequent_values import different, frequent

NOUNS = ("cup", "cup", "cup", "dog", "dog", "kettle")


@pytest.fixture
def described(session, media):
    """A caption that can be given any number of mentions: half of them cups, a third dogs, a sixth kettles."""
    caption = insert_caption(session, insert_image(session, media, 1))

    def mentioning(count: int) -> None:
        rows = [
            {"caption_id": caption.id, "object": NOUNS[number % 6], "start": number, "end": number + 1, "colorable": True}
            for number in range(count)
        ]
        session.execute(insert(Mention), rows)

    return mentioning


def test_texts_come_with_how_often_they_are_there(session, described):
    described(600)
    assert frequent(session, Mention.object, Mention.id, 2) == [("cup", 300), ("dog", 200)]
    assert list(session.scalars(different(Mention.object))) == ["cup", "dog", "kettle", None]


def test_an_empty_table_has_none(session):
    assert frequent(session, Mention.object, Mention.id, 5) == []
    assert list(session.scalars(different(Mention.object))) == [None]


def test_of_a_large_table_a_part_is_read(session, described, monkeypatch):
    monkeypatch.setattr(frequent_values, "SAMPLED", 120)
    monkeypatch.setattr(frequent_values, "BLOCKS", 10)
    described(6000)
    found = frequent(session, Mention.object, Mention.id, 3)
    assert [text for text, _ in found] == ["cup", "dog", "kettle"]
    assert sum(used for _, used in found) == 120


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "asked", [completions, words.words, spelling.vocabulary], ids=["what a query may name", "words of captions", "known nouns"]
)
def test_ten_times_as_many_mentions_take_no_more_work(session, described, monkeypatch, asked):
    monkeypatch.setattr(frequent_values, "SAMPLED", 60)
    monkeypatch.setattr(frequent_values, "BLOCKS", 10)
    monkeypatch.setattr(words, "RECENT", 1)
    described(300)
    few = steps_of(session, asked)
    described_more = [
        {"caption_id": 1, "object": NOUNS[number % 6], "start": 1000 + number, "end": 1001 + number, "colorable": True}
        for number in range(3000)
    ]
    session.execute(insert(Mention), described_more)
    assert steps_of(session, asked) < 1.2 * few


@pytest.mark.sqlite
def test_a_text_that_the_part_lacks_is_offered_while_there_is_room(session, described, monkeypatch):
    monkeypatch.setattr(frequent_values, "SAMPLED", 10)
    monkeypatch.setattr(frequent_values, "BLOCKS", 1)
    described(60)
    session.execute(insert(Mention), [{"caption_id": 1, "object": "aardvark", "start": 99, "end": 100, "colorable": True}])
    assert completions(session).values["object"] == ("cup", "dog", "kettle", "aardvark")
