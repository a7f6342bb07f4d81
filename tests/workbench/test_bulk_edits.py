"""Many captions are changed at once: looked at first, done as one batch, taken back whole."""

import pytest

from db.enums import CaptionLevel, Origin
from tests.workbench.stocked import add_caption, add_image
from workbench import bulk_edits, captions, events, images
from workbench.errors import InvalidInputError
from workbench.exporting.caption_files import rows

TEXTS = ("a red cup on a brown table", "a red cup on a table", "a cup on a table")


@pytest.fixture
def stocked(session, media):
    for seed in range(3):
        image = add_image(session, media, seed)
        for text in TEXTS:
            add_caption(session, image, text)
    return session


EDITS = {
    "replace": lambda session, **options: bulk_edits.replace(session, r"\bcup\b", "mug", regex=True, actor="bo", **options),
    "relevel": lambda session, **options: bulk_edits.relevel(session, CaptionLevel.SCARCE, actor="bo", **options),
    "remove": lambda session, **options: bulk_edits.remove(session, actor="bo", **options),
    "retag": lambda session, **options: bulk_edits.retag(session, add=["night"], take=["day"], actor="bo", **options),
}


def everything(session):
    tags = [images.tags(session, image.id) for image in images.find(session)]
    return list(rows(session, "status:accepted,proposed,dropped")), tags


@pytest.mark.parametrize("name", EDITS)
def test_a_preview_changes_nothing_applying_does_what_it_said_and_rollback_takes_all_of_it_back(stocked, name):
    images.tag(stocked, [1], "day", actor="ada")
    before = everything(stocked)
    preview = EDITS[name](stocked, query="level:partial,complete")
    assert preview
    assert everything(stocked) == before
    done = EDITS[name](stocked, query="level:partial,complete", apply=True)
    assert [(change.before, change.after) for change in done] == [(change.before, change.after) for change in preview]
    assert everything(stocked) != before
    [batch] = {change.batch_id for change in done}
    assert bulk_edits.recent(stocked)[0].batch_id == batch
    events.rollback(stocked, batch, actor="bo")
    assert everything(stocked) == before
    assert [found.stands for found in bulk_edits.recent(stocked) if found.batch_id == batch] == [False]


def test_a_level_said_of_many_stands_beside_what_the_rules_read_and_can_be_given_back(stocked):
    bulk_edits.relevel(stocked, CaptionLevel.SCARCE, query="level:complete", actor="bo", apply=True)
    changed = captions.get(stocked, 1)
    assert (changed.level, changed.level_origin, changed.computed_level) == (CaptionLevel.SCARCE, Origin.HUMAN, CaptionLevel.COMPLETE)
    bulk_edits.relevel(stocked, None, actor="bo", apply=True)
    assert (changed.level, changed.level_origin) == (CaptionLevel.COMPLETE, Origin.RULE)
    assert bulk_edits.relevel(stocked, None, actor="bo") == []


def test_two_captions_of_an_image_never_become_one(stocked):
    changes = bulk_edits.replace(stocked, "red |brown ", "", regex=True, actor="bo", apply=True)
    assert [change.problem for change in changes[:2]] == ["Its image has that caption already."] * 2
    assert bulk_edits.recent(stocked) == []


def test_tags_are_named_or_the_edit_is_refused(stocked):
    with pytest.raises(InvalidInputError, match="Name a tag"):
        bulk_edits.retag(stocked, actor="bo")


def test_recent_batches_are_newest_first_and_count_their_changes(stocked):
    bulk_edits.remove(stocked, query="level:scarce", actor="bo", apply=True)
    bulk_edits.retag(stocked, add=["night"], actor="cy", apply=True)
    assert [(batch.action, batch.count, batch.actor) for batch in bulk_edits.recent(stocked)] == [("tag", 3, "cy"), ("drop", 3, "bo")]
