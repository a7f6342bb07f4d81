"""A batch is taken back in a few statements, as exactly as one change after the other."""

import pytest

from db.enums import CaptionLevel
from db.models import Event
from tests.workbench.stocked import add_caption, add_image, add_region, ground
from workbench import bulk_edits, captions, events
from workbench.errors import ConflictError
from workbench.records import snapshot
from workbench.taking_back import runs_of_edits


@pytest.fixture
def grounded(session, media):
    """Captions of three images, each with two masks."""
    made = []
    for seed in range(3):
        image = add_image(session, media, seed)
        cup, table = add_region(session, image, left=seed), add_region(session, image, left=40 + seed)
        caption = add_caption(session, image, "a red cup on a brown table")
        ground(session, caption, "cup", cup)
        ground(session, caption, "table", table)
        made.append(caption.id)
    return made


def records(session, keys):
    session.flush()
    return [snapshot(session, "caption", key) for key in keys]


def test_mentions_colors_and_groundings_come_back_with_their_ids(session, grounded):
    before = records(session, grounded)
    changes = bulk_edits.replace(session, "red cup on a", "lamp above the", actor="bo", apply=True)
    changed = records(session, grounded)
    assert all(len(record["grounding"]) == 1 for record in changed)
    assert events.rollback(session, changes[0].batch_id, actor="bo") == 3
    assert records(session, grounded) == before
    [answer] = {event.batch_id for event in session.query(Event).where(Event.action == "undo")}
    assert events.rollback(session, answer, actor="bo") == 3  # and forward again
    assert records(session, grounded) == changed
    assert events.rollback(session, changes[0].batch_id, actor="bo") == 3  # what was undone stands again, and can go again
    assert records(session, grounded) == before


def test_several_changes_of_one_thing_in_a_batch_are_taken_back_in_turn(session, grounded):
    before, batch = records(session, grounded), events.new_batch()
    for key in grounded:
        captions.edit(session, key, "a teal cup", actor="bo", batch_id=batch)
    for key in grounded:
        captions.set_level(session, key, CaptionLevel.SCARCE, actor="bo", batch_id=batch)
    captions.drop(session, grounded, actor="bo", batch_id=batch)
    assert events.rollback(session, batch, actor="bo") == 9
    assert records(session, grounded) == before


def test_where_one_thing_has_changed_since_nothing_of_the_batch_is_taken_back(session, grounded):
    changes = bulk_edits.replace(session, "cup", "mug", actor="bo", apply=True)
    captions.edit(session, grounded[1], "a jug", actor="cy")
    after = records(session, grounded)
    with pytest.raises(ConflictError, match="undo the later changes first"):
        events.rollback(session, changes[0].batch_id, actor="bo")
    assert records(session, grounded) == after


def test_a_text_that_is_taken_by_now_is_refused_and_nothing_is_taken_back(session, grounded):
    changes = bulk_edits.replace(session, "cup", "mug", actor="bo", apply=True)
    image_id = captions.get(session, grounded[2]).image_id
    captions.add(session, image_id, "a red cup on a brown table", text_origin="human", author="cy")
    after = records(session, grounded)
    with pytest.raises(ConflictError, match="taken by now"):
        events.rollback(session, changes[0].batch_id, actor="bo")
    assert records(session, grounded) == after


def test_edits_go_together_and_creations_alone(session, grounded):
    found = list(session.query(Event).where(Event.subject == "caption").order_by(Event.id))
    captions.drop(session, grounded, actor="bo")
    dropped = list(session.query(Event).where(Event.action == "drop").order_by(Event.id))
    assert [len(run) for run in runs_of_edits([*found[:2], *dropped])] == [1, 1, 3]
