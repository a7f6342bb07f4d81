"""The index answers every query as the captions, mentions and images themselves do, whatever changed them."""

import random

import pytest

from db.session import transaction
from tests.stores import migrated
from tests.workbench.plain_search import Plainly
from tests.workbench.random_stores import a_query, change, stock
from workbench import captions, images, search
from workbench.errors import InvalidInputError
from workbench.search import finder, sqlite_planner, wildcards
from workbench.search.grammar import parse


def require_plain_answers(session, queries) -> None:
    """Whole answers, counts, and pages in both directions are those of looking at each thing."""
    plainly = Plainly(session)
    for query in queries:
        root = parse(query).root
        expected = plainly.find_captions(root)
        answer = [row.id for row in captions.find(session, query, limit=1000)]
        assert (query, answer, captions.count(session, query)) == (query, expected, len(expected))
        middle = expected[len(expected) // 2] if expected else 5
        page = [row.id for row in captions.find(session, query, after_id=middle, limit=3)]
        assert (query, page) == (query, [key for key in expected if key > middle][:3])
        expected = plainly.find_images(root)
        answer = [row.id for row in images.find(session, query, limit=1000)]
        assert (query, answer, images.count(session, query)) == (query, expected, len(expected))
        assert sorted(session.scalars(search.ids_of_images(session, parse(query)))) == expected, query
        back = [row.id for row in images.find(session, query, after_id=9, newest_first=True, limit=2)]
        assert back == [key for key in reversed(expected) if key < 9][:2], query


def check_random_stores(engines, media, seed: int, rounds: int) -> None:
    """A random store answers random queries plainly, before and after each of some random changes, also within the transaction."""
    chance = random.Random(seed)
    with transaction(engines.writer) as session:
        stock(session, media, chance)
        require_plain_answers(session, [a_query(chance) for _ in range(20)])
    for _ in range(rounds):
        with transaction(engines.writer) as session:
            for _ in range(chance.randint(1, 4)):
                change(session, media, chance)
            if chance.random() < 0.5:
                require_plain_answers(session, [a_query(chance) for _ in range(10)])
        with transaction(engines.reader) as session:
            require_plain_answers(session, ["", *(a_query(chance) for _ in range(10))])


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.slow
def test_random_queries_of_random_stores_are_answered_plainly_whatever_changes(engines, media, seed):
    check_random_stores(engines, media, seed, rounds=3)


@pytest.mark.slow
def test_where_no_list_is_short_enough_the_answers_are_the_same(engines, media, monkeypatch):
    monkeypatch.setattr(sqlite_planner, "FEW", 1)
    monkeypatch.setattr(sqlite_planner, "PROBED", 1)
    monkeypatch.setattr(wildcards, "MOST_NAMES", 1)
    check_random_stores(engines, media, 100, rounds=3)


@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_answers_them_too(postgres_url, media):
    with migrated(postgres_url) as engines:
        check_random_stores(engines, media, 7, rounds=3)


@pytest.mark.slow
@pytest.mark.sqlite
def test_a_count_that_walks_ends_and_says_so(session, media, monkeypatch):
    monkeypatch.setattr(finder, "WALKED", 3)
    monkeypatch.setattr(sqlite_planner, "PROBED", 0)
    stock(session, media, random.Random(1))
    everything = captions.count(session)
    assert (everything.more, everything > 3) == (False, True)
    assert images.count(session) == 10
    walked = captions.count(session, "file:png")
    assert (walked, walked.more) == (3, True)
    monkeypatch.setattr(finder, "COUNTED", 2)
    counted = captions.count(session)
    assert (counted, counted.more) == (2, True)
    assert (images.count(session), images.count(session, "has:caption")) == (10, 2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 5000, "deep"),
        ("(" * 5000 + "cup" + ")" * 5000, "at most"),
        ("(" * 60 + "cup" + ")" * 60, "deep"),
        ("NOT " * 2000 + "cup", "deep"),
        ("cup OR " * 900 + "cup", "more than 200 conditions"),
        ("object:" + ",".join(["cup"] * 900), "more than 200 conditions"),
        ("a\x00b", "no text"),
        ("\ud800", "no text"),
        ("x" * 20_000, "at most"),
    ],
)
def test_a_query_beyond_what_a_database_takes_is_refused(text, reason):
    with pytest.raises(InvalidInputError, match=reason) as refused:
        parse(text)
    assert len(str(refused.value)) < 400


def test_the_largest_query_is_answered(session):
    words = "(" * 50 + " OR ".join(f"word{number}" for number in range(200)) + ")" * 50
    assert finder.count_images(session, parse(words)) == 0
