"""A large store is not counted again for every page, and no page is far behind it."""

import pytest

from tests.stores import add_image
from workbench import images, overview
from workbench.store import events, kept_numbers


@pytest.fixture
def large(monkeypatch):
    """Every store with an event is a large one, counted by nobody yet."""
    monkeypatch.setattr(kept_numbers, "MANY", 1)
    monkeypatch.setattr(kept_numbers, "_kept", {})


def counting(times):
    def count(_session):
        times.append(1)
        return len(times)

    return count


def test_a_small_store_is_counted_each_time(session):
    times = []
    assert [kept_numbers.kept(session, "one", counting(times)) for _ in range(2)] == [1, 2]


def test_a_large_one_once(session, media, large):
    add_image(session, media)
    times = []
    assert [kept_numbers.kept(session, "one", counting(times)) for _ in range(2)] == [1, 1]
    assert kept_numbers.kept(session, "another", counting(times)) == 2


def test_the_images_of_a_large_one_are_counted_once_and_again_at_once_when_some_came(session, media, large, monkeypatch):
    add_image(session, media)
    assert images.count(session) == 1
    with monkeypatch.context() as unchanged:
        unchanged.setattr("workbench.search.finder._count_all", lambda _session: 7)
        assert images.count(session) == 1
        add_image(session, media, 2)
        assert images.count(session) == 7


def test_what_changed_is_counted_once_the_number_is_no_longer_fresh(session, media, large, monkeypatch):
    image = add_image(session, media)
    before = overview.counts(session)["images"]
    add_image(session, media, 2)
    assert overview.counts(session)["images"] == before
    monkeypatch.setattr(kept_numbers, "FRESH_SECONDS", -1)
    assert overview.counts(session)["images"] == before + 1
    images.tag(session, [image.id], "night", actor="ada")
    assert events.newest(session) > 1
