"""As a column adherence is what it is for a row: not measured where only the masks that steered the colors say it."""

from itertools import product

import pytest
from sqlalchemy import select

from db.enums import RegionOrigin
from db.models import Colorization
from db.session import transaction
from tests.stores import colorize, insert_checkpoint, insert_described, migrated
from workbench import captions, images, search
from workbench.reviews import facts_of, queue, worth
from workbench.search import trusted_adherence

H, C, S, G, I = RegionOrigin.HUMAN, RegionOrigin.COMPOSED, RegionOrigin.SAM, RegionOrigin.GRABCUT, RegionOrigin.IMPORTED  # noqa: E741
ORIGINS = ([H], [C], [H, C], [H, S], [C, G, H], [S], [G], [I], [])


@pytest.fixture
def made(session, media):
    """A colorization of each of three images."""
    insert_described(session, media, 3)
    return colorize(session, media, insert_checkpoint(session))


KNOWN = [
    *(
        facts_of(origins, steered=steered, independent=independent)
        for origins, steered, independent in product(ORIGINS, (True, False), (None, 0.0, 0.3))
    ),
    {},
    {"mask_origins": ["sam"]},
    {"mask_origins": ["human"]},
]


def assert_the_column_is_what_the_row_is_worth(session, row):
    """For every kind of facts."""
    for adherence, facts in product((None, 0.0, 0.9), KNOWN):
        row.adherence, row.facts = adherence, facts
        session.flush()
        column = session.scalar(select(trusted_adherence()).where(Colorization.id == row.id))
        assert column == pytest.approx(worth(row)), (adherence, facts)


def test_the_column_is_what_a_row_is_worth_whatever_masks_it_was_measured_in(session, made):
    assert_the_column_is_what_the_row_is_worth(session, made[0])


@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_has_the_same_column(postgres_url, media):
    with migrated(postgres_url) as engines, transaction(engines.writer) as session:
        insert_described(session, media, 1)
        [row] = colorize(session, media, insert_checkpoint(session))
        assert_the_column_is_what_the_row_is_worth(session, row)


def test_what_only_the_masks_that_steered_say_is_sorted_as_not_measured(session, made):
    told = ((0.1, facts_of([S], steered=True)), (0.9, facts_of([S], steered=True, independent=0.2)), (0.5, facts_of([H], steered=True)))
    for row, (adherence, facts) in zip(made, told, strict=True):
        row.adherence, row.facts = adherence, facts
    session.flush()
    expected = [made[1], made[2], made[0]]
    assert [image.id for image in images.find(session, "sort:adherence", newest_first=True)] == [row.image_id for row in expected]
    assert [caption.id for caption in captions.find(session, "sort:adherence")] == [row.caption_id for row in expected]
    assert queue.waiting_ids(session, order="adherence") == [row.id for row in expected]
    assert any("not measured" in note for note in search.notes(search.parse("sort:adherence")))
