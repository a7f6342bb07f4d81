"""A release is chosen while others write, and entered in parts that nobody sees before it is whole and still what the rules choose."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from db.base import now
from db.models import Caption, Event, Image, Release, ReleaseExclusion, ReleaseItem, SplitAssignment
from db.session import transaction
from tests.stores import insert_caption, insert_described, insert_image, migrated
from tests.stores.counted_transactions import CountedTransactions
from workbench import releases
from workbench.errors import ConflictError, NotFoundError
from workbench.releases import entering, split_bindings

ASKED = {"name": "set", "author": "ada"}
PART = 3


class KilledError(BaseException):
    """Nobody catches it, as nobody catches a kill."""


class Entry(CountedTransactions):
    """Enters prepared releases into a store, with something else happening before one of its parts."""

    def enter(self, ready) -> Release:
        return releases.enter(ready, **self.both)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])])
def stocked(request, media, monkeypatch) -> Entry:
    """A store of ten described images, into which releases are entered three items at a time."""
    monkeypatch.setattr(entering, "PART", PART)
    if request.param == "sqlite":
        engines = request.getfixturevalue("engines")
        with transaction(engines.writer) as session:
            insert_described(session, media)
        yield Entry(engines)
        return
    with migrated(request.getfixturevalue("postgres_url")) as engines:
        with transaction(engines.writer) as session:
            insert_described(session, media)
        yield Entry(engines)


def counts(entry: Entry) -> tuple[int, ...]:
    """Rows of releases, items, exclusions, bindings and events of releases."""
    of_releases = select(func.count()).select_from(Event).where(Event.subject == "release")
    with entry.reading() as session:
        tables = (Release, ReleaseItem, ReleaseExclusion, SplitAssignment)
        return (*(session.scalar(select(func.count()).select_from(table)) for table in tables), session.scalar(of_releases))


@contextmanager
def prepared(entry: Entry, media, **asked):
    with entry.reading() as looking, releases.prepared(looking, media, **(ASKED | asked)) as ready:
        yield ready


def another_release(entry: Entry, media, **asked) -> None:
    with transaction(entry.engines.writer) as session:
        releases.create(session, media, **(ASKED | asked))


def test_others_write_while_a_release_is_chosen(stocked, media):
    with prepared(stocked, media) as ready:
        with transaction(stocked.engines.writer) as session:
            insert_caption(session, insert_image(session, media, 99), "a cat nobody chose")
        release = stocked.enter(ready)
    with stocked.reading() as session:
        assert len(releases.items(session, release.id)) == 10
        assert releases.verify(session, media, release.id) == []
        assert release.version == "1.0.0"


def test_a_release_is_seen_by_nobody_before_its_last_part(stocked, media):
    seen = []

    def look():
        with stocked.reading() as session:
            seen.append((len(releases.listing(session)), session.scalar(select(func.count()).select_from(ReleaseItem))))

    stocked.at = dict.fromkeys(range(3, 9), look)
    with prepared(stocked, media) as ready:
        stocked.enter(ready)
    assert [listed for listed, _ in seen] == [0] * len(seen)
    assert [items for _, items in seen] == [0, 3, 6, 9, 10]


def test_what_is_being_entered_cannot_be_asked_for_by_its_id(stocked, media):
    def ask():
        with stocked.reading() as session, pytest.raises(NotFoundError, match="being entered"):
            releases.summary(session, session.scalar(select(Release.id)))

    stocked.at = {4: ask}
    with prepared(stocked, media) as ready:
        stocked.enter(ready)


def test_what_holds_the_same_is_the_version_that_is_there(stocked, media):
    entered = []
    for _ in range(2):
        with prepared(stocked, media) as ready:
            entered.append(stocked.enter(ready).id)
    assert entered[0] == entered[1]


def test_a_release_in_parts_is_the_one_that_a_single_transaction_makes(stocked, media):
    with prepared(stocked, media) as ready:
        release = stocked.enter(ready)
        whole = ready.release.manifest_hash
    with stocked.reading() as session:
        assert release.manifest_hash == whole
        assert set(release.facts) == {"changes", "gate", "statements", "lineage"}
        assert release.facts["lineage"]["sources"] == {"test": 10}
        bound = dict(session.execute(select(SplitAssignment.image_id, SplitAssignment.split)).all())
        assert bound == {item.image_id: item.split for item in releases.items(session, release.id)}
    assert counts(stocked) == (1, 10, 0, 10, 1)


def test_the_second_of_two_that_were_chosen_at_once_is_refused(stocked, media):
    with prepared(stocked, media) as second:
        another_release(stocked, media)
        with pytest.raises(ConflictError, match="by somebody else"):
            stocked.enter(second)
    assert counts(stocked)[:2] == (1, 10)


def test_one_that_another_overtakes_between_its_parts_is_refused_and_leaves_nothing(stocked, media):
    stocked.at = {5: lambda: another_release(stocked, media)}
    with prepared(stocked, media) as ready, pytest.raises(ConflictError, match="by somebody else"):
        stocked.enter(ready)
    assert counts(stocked) == (1, 10, 0, 10, 1)


@pytest.mark.parametrize("part", [2, 4, 7])
@pytest.mark.parametrize("what", [Caption, Image])
def test_what_is_gone_meanwhile_refuses_the_release(stocked, media, part, what):
    def remove():
        with transaction(stocked.engines.writer) as session:
            session.execute(delete(what).where(what.id == 1))

    stocked.at = {part: remove}
    with prepared(stocked, media) as ready, pytest.raises(ConflictError, match="was removed"):
        stocked.enter(ready)
    assert counts(stocked) == (0, 0, 0, 0, 0)


def test_an_image_that_another_release_bound_elsewhere_refuses_the_release(stocked, media):
    def bind_elsewhere():
        another_release(stocked, media, name="other")
        with transaction(stocked.engines.writer) as session:
            for row in session.query(SplitAssignment):
                row.split = {"train": "test", "test": "train", "validation": "train"}[row.split.value]

    stocked.at = {4: bind_elsewhere}
    with prepared(stocked, media) as ready, pytest.raises(ConflictError, match="was bound to"):
        stocked.enter(ready)
    assert counts(stocked)[:2] == (1, 10)


def kill() -> None:
    raise KilledError


def give_up(entry: Entry) -> None:
    """Let the last part of what is being entered be longer ago than anybody waits."""
    with transaction(entry.engines.writer) as session:
        long_ago = now() - entering.ABANDONED - timedelta(seconds=1)
        session.execute(update(Release).where(Release.entering_at.is_not(None)).values(entering_at=long_ago))


def killed(entry: Entry, media, monkeypatch) -> None:
    """Begin to enter a release, and be killed in the middle: not even what cleans up is carried out."""

    with monkeypatch.context() as patched, prepared(entry, media) as ready:
        patched.setattr(entering, "_discard", lambda *_: None)
        entry.at = {5: kill}
        with pytest.raises(KilledError):
            entry.enter(ready)
    entry.at = {}


def test_a_killed_entering_is_nowhere_to_be_seen_and_the_next_one_makes_the_same_release(stocked, media, monkeypatch):
    killed(stocked, media, monkeypatch)
    assert counts(stocked) == (1, 6, 0, 6, 0)
    with stocked.reading() as session:
        assert releases.listing(session) == releases.abandoned(session) == []
    with prepared(stocked, media) as ready:
        assert stocked.enter(ready).version == "1.0.0"


def test_places_that_a_killed_entering_gave_bind_nobody(stocked, media, monkeypatch):
    killed(stocked, media, monkeypatch)
    with stocked.reading() as session:
        assert split_bindings.bound(session) == {}


def test_an_image_keeps_its_place_where_a_whole_release_has_it_too(stocked, media, monkeypatch):
    killed(stocked, media, monkeypatch)
    with prepared(stocked, media) as ready:
        stocked.enter(ready)
    with stocked.reading() as session:
        places = split_bindings.bound(session)
    give_up(stocked)
    releases.clear_abandoned(stocked.writing)
    with stocked.reading() as session:
        assert split_bindings.bound(session) == places
    assert counts(stocked) == (1, 10, 0, 10, 1)


def test_places_go_to_another_release_that_has_the_images_once_theirs_is_cleared_away(stocked, media):
    def meanwhile():
        with prepared(stocked, media, name="other") as other:
            Entry(stocked.engines).enter(other)
        with transaction(stocked.engines.writer) as session:
            session.execute(update(SplitAssignment).values(bound_by=session.scalar(select(Release.id).where(Release.name == "set"))))

    stocked.at = {6: meanwhile, 7: kill}
    with prepared(stocked, media) as ready, pytest.raises(KilledError):
        stocked.enter(ready)
    with stocked.reading() as session:
        assert len(split_bindings.bound(session)) == 10
    assert counts(stocked) == (1, 10, 0, 10, 1)


def test_what_a_killed_entering_left_is_cleared_away_once_no_part_came_for_long(stocked, media, monkeypatch):
    killed(stocked, media, monkeypatch)
    give_up(stocked)
    with stocked.reading() as session:
        assert [release.name for release in releases.abandoned(session)] == ["set"]
    with prepared(stocked, media) as ready:
        stocked.enter(ready)
    assert counts(stocked) == (1, 10, 0, 10, 1)


def test_one_that_was_given_up_for_dead_and_goes_on_is_refused(stocked, media):
    def clear_it_away():
        give_up(stocked)
        releases.clear_abandoned(lambda: transaction(stocked.engines.writer))

    stocked.at = {5: clear_it_away}
    with prepared(stocked, media) as ready, pytest.raises(ConflictError, match="cleared away"):
        stocked.enter(ready)
    assert counts(stocked) == (0, 0, 0, 0, 0)
