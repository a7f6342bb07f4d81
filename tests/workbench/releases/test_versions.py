"""Versions follow from what changed, and what changed is named."""

import pytest
from sqlalchemy import update

from db.enums import CaptionStatus, Split
from db.models import Caption, ReleaseItem, SplitAssignment
from tests.stores import (
    create_release,
    insert_caption,
    insert_described,
    insert_grounding,
    insert_image,
)
from workbench import releases
from workbench.releases import ItemChange


@pytest.mark.slow
def test_additions_are_minor_and_edits_and_removals_major(session, media):
    images = insert_described(session, media)
    create_release(session, media)
    extra = insert_caption(session, insert_image(session, media, 50))
    assert create_release(session, media).version == "1.1.0"
    extra.status = CaptionStatus.DROPPED
    session.flush()
    assert create_release(session, media).version == "2.0.0"
    insert_grounding(session, insert_caption(session, images[0], "a red cup alone"))
    assert create_release(session, media).version == "2.1.0"
    session.execute(update(Caption).where(Caption.image_id == images[1].id).values(level="scarce"))
    assert create_release(session, media).version == "3.0.0"
    assert [row.version for row in releases.listing(session, name="set")] == ["3.0.0", "2.1.0", "2.0.0", "1.1.0", "1.0.0"]


def test_diff_names_what_was_added_removed_moved_and_changed(session, media):
    images = insert_described(session, media, 5)
    first = create_release(session, media)
    dropped, relabeled, moved = releases.items(session, first.id)[:3]
    insert_caption(session, images[0], "new words")
    session.execute(update(Caption).where(Caption.id == dropped.caption_id).values(status=CaptionStatus.DROPPED))
    session.execute(update(Caption).where(Caption.id == relabeled.caption_id).values(level="scarce"))
    second = create_release(session, media)
    stays, elsewhere = moved.split, next(split for split in Split if split != moved.split)
    session.execute(update(ReleaseItem).where(ReleaseItem.id == moved.id).values(split=elsewhere))
    differences = releases.diff(session, first.id, second.id)
    assert differences.added == [ItemChange(images[0].sha256, "new words", images[0].file_name)]
    assert differences.removed == [ItemChange(dropped.image_sha256, dropped.caption_text, dropped.file_name)]
    assert differences.changed == [
        ItemChange(relabeled.image_sha256, relabeled.caption_text, relabeled.file_name, {"level": ("partial", "scarce")})
    ]
    assert differences.moved == [ItemChange(moved.image_sha256, moved.caption_text, moved.file_name, {"split": (elsewhere, stays)})]
    assert second.facts["changes"] == {"since": "1.0.0", "added": 1, "removed": 1, "moved": 0, "changed": 1}
    assert not releases.diff(session, second.id, second.id)


def test_a_manifest_that_only_differs_in_its_groups_gets_the_next_patch(session, media):
    insert_described(session, media, 3)
    release = create_release(session, media)
    session.execute(update(SplitAssignment).values(group_key=SplitAssignment.group_key + "x"))
    assert create_release(session, media).version == "1.0.1"
    assert not releases.diff(session, release.id, releases.get(session, "set").id)


def test_a_word_that_was_changed_is_a_change_and_no_description_that_went_and_came(session, media):
    images = insert_described(session, media, 4)
    first = create_release(session, media)
    edited, rewritten = releases.items(session, first.id)[:2]
    session.execute(update(Caption).where(Caption.id == edited.caption_id).values(text="something else entirely here"))
    session.execute(update(Caption).where(Caption.id == rewritten.caption_id).values(status=CaptionStatus.DROPPED))
    insert_caption(session, next(image for image in images if image.sha256 == rewritten.image_sha256), "a red mug on a table")
    second = create_release(session, media)
    difference = releases.diff(session, first.id, second.id)
    assert [change.what["caption_text"] for change in difference.changed] == [
        (edited.caption_text, "something else entirely here"),
        (rewritten.caption_text, "a red mug on a table"),
    ]
    assert (difference.added, difference.removed, second.version) == ([], [], "2.0.0")


def test_a_credit_that_was_added_is_named_and_a_release_from_before_origins_is_not_thought_changed(session, media):
    images = insert_described(session, media, 3)
    first = create_release(session, media)
    images[0].license = "CC0"
    session.flush()
    second = create_release(session, media)
    [change] = releases.diff(session, first.id, second.id).changed
    assert change.what == {"license": (None, "CC0")}
    session.execute(update(ReleaseItem).where(ReleaseItem.release_id == first.id).values(origins=None))
    assert not releases.diff(session, first.id, second.id)
