"""A row by its id, and values among many ids."""

import pytest
from sqlalchemy import select

from db.models import Image, RecruitmentLink
from tests.stores import insert_image
from tests.stores.counted_steps import rows_of
from workbench import images
from workbench.errors import NotFoundError
from workbench.store import require, sorted_ids, values_among


def test_a_row_that_is_not_there_is_named_in_words(session, media):
    image = insert_image(session, media, 1)
    assert require(session, Image, image.id) is image
    with pytest.raises(NotFoundError, match=r"^There is no image 99\.$"):
        require(session, Image, 99)
    with pytest.raises(NotFoundError, match=r"^There is no recruitment link 7; make one first\.$"):
        require(session, RecruitmentLink, 7, advice="make one first")


def test_values_are_looked_up_among_more_ids_than_one_statement_takes(session, media):
    image = insert_image(session, media, 1)
    assert values_among(session, select(Image.id), Image.id, range(image.id, image.id + 40_000)) == {image.id}
    assert values_among(session, select(Image.id), Image.id, []) == set()


@pytest.mark.sqlite
def test_all_ids_come_in_one_row(session, media):
    keys = [insert_image(session, media, number).id for number in range(30)]
    assert sorted_ids(session, select(Image.id).order_by(Image.id.desc())).tolist() == keys
    assert sorted_ids(session, select(Image.id).where(Image.id < 0)).tolist() == []
    assert rows_of(session, lambda session: images.id_array(session, "has:reference")) < 5
