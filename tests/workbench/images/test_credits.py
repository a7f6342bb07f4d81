"""Where images are from is set for many at once, as one batch that can be undone."""

import pytest

from tests.stores import add_image
from workbench import images
from workbench.errors import InvalidInputError, NotFoundError
from workbench.images import Credit
from workbench.store import events


def credits_of(session):
    return [(image.source, image.author, image.license, image.url) for image in images.find(session)]


def test_many_images_are_credited_as_one_batch_that_can_be_undone(session, media):
    keys = [add_image(session, media, number).id for number in range(3)]
    before = credits_of(session)
    batch, changed = images.credit_all(session, keys[:2], Credit(author="Ada", license="CC BY 4.0"), actor="bo")
    assert changed == 2
    assert [row[1:3] for row in credits_of(session)] == [("Ada", "CC BY 4.0")] * 2 + [before[2][1:3]]
    assert {row[0] for row in credits_of(session)} == {before[0][0]}
    events.rollback(session, batch, actor="bo")
    assert credits_of(session) == before


def test_each_image_may_have_its_own_credit_and_an_empty_text_takes_one_away(session, media):
    first, second = (add_image(session, media, number).id for number in range(2))
    images.credit_each(session, {first: Credit(url="https://a.example/1"), second: Credit(source="album", author="Bo")}, actor="bo")
    _batch, changed = images.credit_each(session, {first: Credit(author="")}, actor="bo")
    assert changed == 0  # nobody was named there
    images.credit_each(session, {second: Credit(author="")}, actor="bo")
    assert [(row[0], row[1], row[3]) for row in credits_of(session)][1] == ("album", None, None)
    assert credits_of(session)[0][3] == "https://a.example/1"


def test_what_cannot_be_is_refused(session, media):
    image = add_image(session, media)
    with pytest.raises(InvalidInputError, match="Say what"):
        images.credit_all(session, [image.id], Credit(), actor="bo")
    with pytest.raises(NotFoundError, match="99"):
        images.credit_all(session, [99], Credit(author="Ada"), actor="bo")
    with pytest.raises(InvalidInputError, match="license"):
        Credit(license="\x00")
