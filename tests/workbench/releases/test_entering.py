"""A release is chosen while others write, and is entered only where it is still what the rules choose."""

import pytest
from sqlalchemy import delete

from db.models import Caption, SplitAssignment
from db.session import transaction
from tests.stores import insert_caption, insert_described, insert_image
from workbench import releases
from workbench.errors import ConflictError

ASKED = {"name": "set", "author": "ada"}


@pytest.fixture
def stocked(engines, media):
    with transaction(engines.writer) as session:
        insert_described(session, media)
    return engines


def test_others_write_while_a_release_is_chosen(stocked, media):
    with transaction(stocked.reader) as looking, releases.prepared(looking, media, **ASKED) as ready:
        with transaction(stocked.writer) as session:
            insert_caption(session, insert_image(session, media, 99), "a cat nobody chose")
        with transaction(stocked.writer) as session:
            release = releases.enter(session, ready)
    with transaction(stocked.reader) as session:
        assert len(releases.items(session, release.id)) == 10
        assert releases.verify(session, media, release.id) == []


def test_what_holds_the_same_is_the_version_that_is_there(stocked, media):
    entered = []
    for _ in range(2):
        with (
            transaction(stocked.reader) as looking,
            releases.prepared(looking, media, **ASKED) as ready,
            transaction(stocked.writer) as session,
        ):
            entered.append(releases.enter(session, ready).id)
    assert entered[0] == entered[1]


def test_the_second_of_two_that_were_chosen_at_once_is_refused(stocked, media):
    with transaction(stocked.reader) as looking, releases.prepared(looking, media, **ASKED) as second:
        with transaction(stocked.writer) as session:
            releases.create(session, media, **ASKED)
        with pytest.raises(ConflictError, match="by somebody else"), transaction(stocked.writer) as session:
            releases.enter(session, second)


def test_a_caption_that_is_gone_meanwhile_refuses_the_release(stocked, media):
    with transaction(stocked.reader) as looking, releases.prepared(looking, media, **ASKED) as ready:
        with transaction(stocked.writer) as session:
            session.execute(delete(Caption).where(Caption.id == 1))
        with pytest.raises(ConflictError, match="was removed"), transaction(stocked.writer) as session:
            releases.enter(session, ready)
    with transaction(stocked.reader) as session:
        assert releases.listing(session) == []


def test_an_image_that_another_release_bound_elsewhere_refuses_the_release(stocked, media):
    with transaction(stocked.reader) as looking, releases.prepared(looking, media, **ASKED) as ready:
        with transaction(stocked.writer) as session:
            releases.create(session, media, name="other", author="bo")
            for row in session.query(SplitAssignment):
                row.split = {"train": "test", "test": "train", "validation": "train"}[row.split.value]
        with pytest.raises(ConflictError, match="was bound to"), transaction(stocked.writer) as session:
            releases.enter(session, ready)
