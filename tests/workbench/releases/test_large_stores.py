"""A release of a part of a large store reads that part, and keeps of the rest how much it is."""

import pytest

from db.models import Image
from tests.stores import insert_described, insert_image
from tests.stores.counted_steps import rows_of
from workbench import images, releases
from workbench.releases import selection


def test_of_very_many_images_that_are_not_asked_for_the_number_is_kept(session, media, monkeypatch):
    monkeypatch.setattr(selection, "MOST_UNASKED", 3)
    insert_described(session, media, 8)
    chosen = [image.id for image in images.find(session, "", limit=2)]
    images.tag(session, chosen, "chosen", actor="ada")
    release = releases.create(session, media, name="part", rules={"query": "tag:chosen"}, author="ada")
    assert [item.image_id for item in releases.items(session, release.id)] == sorted(
        chosen, key=lambda key: session.get_one(Image, key).sha256
    )
    assert releases.exclusions(session, release.id) == []
    assert releases.summary(session, release.id).excluded == {"the release's query does not ask for it: tag:chosen": 6}


@pytest.mark.sqlite
def test_images_that_take_no_part_cost_a_release_no_rows(session, media, monkeypatch):
    monkeypatch.setattr(selection, "MOST_UNASKED", 3)

    def chosen(session):
        with releases.prepared(session, media, name="part", rules={"query": "tag:chosen"}, author="ada") as ready:
            return len(ready.items)

    insert_described(session, media, 6)
    images.tag(session, [1, 2], "chosen", actor="ada")
    few = rows_of(session, chosen)
    for number in range(6, 40):
        insert_image(session, media, number)
    assert rows_of(session, chosen) == few
