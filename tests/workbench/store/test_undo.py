"""A batch is taken back in a few statements, as exactly as one change after the other."""

import pytest
from sqlalchemy import event

from db.enums import CaptionLevel, Origin
from db.models import Colorization, Event
from db.models.checkpoint import Checkpoint
from tests.stores import add_caption, add_image, add_region, ground
from workbench import captions, images, levels
from workbench.captions import Edit, bulk_edit
from workbench.captions.captions import NewCaption
from workbench.errors import ConflictError
from workbench.store import events
from workbench.store.snapshots import snapshot
from workbench.store.undo import runs_of_alike


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


@pytest.mark.slow
def test_mentions_colors_and_groundings_come_back_with_their_ids(session, grounded):
    before = records(session, grounded)
    batch, _ = bulk_edit.apply(session, Edit("replace", pattern="red cup on a", replacement="lamp above the"), actor="bo")
    changed = records(session, grounded)
    assert all(len(record["grounding"]) == 1 for record in changed)
    assert events.rollback(session, batch, actor="bo") == 3
    assert records(session, grounded) == before
    [answer] = {event.batch_id for event in session.query(Event).where(Event.action == "undo")}
    assert events.rollback(session, answer, actor="bo") == 3  # and forward again
    assert records(session, grounded) == changed
    assert events.rollback(session, batch, actor="bo") == 3  # what was undone stands again, and can go again
    assert records(session, grounded) == before


@pytest.mark.slow
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
    batch, _ = bulk_edit.apply(session, Edit("replace", pattern="cup", replacement="mug"), actor="bo")
    captions.edit(session, grounded[1], "a jug", actor="cy")
    after = records(session, grounded)
    with pytest.raises(ConflictError, match="undo the later changes first"):
        events.rollback(session, batch, actor="bo")
    assert records(session, grounded) == after


def test_a_text_that_is_taken_by_now_is_refused_and_nothing_is_taken_back(session, grounded):
    batch, _ = bulk_edit.apply(session, Edit("replace", pattern="cup", replacement="mug"), actor="bo")
    image_id = captions.get(session, grounded[2]).image_id
    captions.add(session, image_id, "a red cup on a brown table", text_origin="human", author="cy")
    after = records(session, grounded)
    with pytest.raises(ConflictError, match="taken by now"):
        events.rollback(session, batch, actor="bo")
    assert records(session, grounded) == after


def test_changes_of_one_kind_go_together(session, grounded):
    caption_events = list(session.query(Event).where(Event.subject == "caption").order_by(Event.id))
    captions.drop(session, grounded, actor="bo")
    dropped = list(session.query(Event).where(Event.action == "drop").order_by(Event.id))
    assert [len(run) for run in runs_of_alike([*caption_events[:2], *dropped])] == [2, 3]
    assert [len(run) for run in runs_of_alike([*dropped, dropped[0]])] == [3, 1]


@pytest.mark.slow
def test_thousands_that_were_made_together_are_taken_back_in_a_few_statements_and_can_come_again(session, media, engines):
    image, batch = add_image(session, media, 9), events.new_batch()
    reading = levels.read_caption("a red cup")
    entries = [NewCaption(image.id, f"a red cup {number}", reading=reading) for number in range(1000)]
    made = captions.add_many(session, entries, text_origin=Origin.RULE, author="ada", batch_id=batch).ids
    before = records(session, made)
    statements = []
    event.listen(engines.writer, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert events.rollback(session, batch, actor="bo") == 1000
    assert len(statements) < 80
    assert records(session, made) == [None] * 1000
    [answer] = {event.batch_id for event in session.query(Event).where(Event.action == "undo")}
    assert events.rollback(session, answer, actor="bo") == 1000
    assert len(statements) < 4200  # most of them are those of the records looked at here, one by one
    assert records(session, made) == before


def test_what_was_made_and_is_in_use_by_now_stays_and_nothing_is_taken_back(session, grounded):
    image_id = captions.get(session, grounded[0]).image_id
    batch = events.new_batch()
    made = [captions.add(session, image_id, text, text_origin="rule", author="ada", batch_id=batch).id for text in ("a cup", "a mug")]
    session.add(Checkpoint(name="mini", location="x", digest="1" * 64, note=""))
    session.flush()
    used = Colorization(
        key="0" * 64, image_id=image_id, caption_id=made[0], checkpoint_id=1, caption_text="", settings={}, seed=0, media_key="c.png",
        seconds=1.0, adherence=0.5, facts={},
    )  # fmt: skip
    session.add(used)
    session.flush()
    with pytest.raises(ConflictError, match=f"caption {made[0]} is in use"):
        events.rollback(session, batch, actor="bo")
    assert all(records(session, made))


def test_tags_of_many_go_and_come_back_together(session, media):
    ids = [add_image(session, media, seed).id for seed in range(4)]
    images.tag(session, ids[:1], "a:b", actor="ada")
    batch = events.new_batch()
    images.tag(session, ids, "a:b", actor="ada", batch_id=batch)
    images.untag(session, ids[:2], "a:b", actor="ada", batch_id=batch)
    assert events.rollback(session, batch, actor="bo") == 5
    assert [images.tags(session, key) for key in ids] == [["a:b"], [], [], []]


@pytest.mark.slow
def test_whether_a_batch_can_be_taken_back_is_known_before_anything_is(session, grounded):
    batch, _ = bulk_edit.apply(session, Edit("replace", pattern="cup", replacement="mug"), actor="bo")
    events.require_untouched(session, events.not_undone(session, batch))
    captions.edit(session, grounded[1], "a jug", actor="cy")
    with pytest.raises(ConflictError, match="undo the later changes first"):
        events.require_untouched(session, events.not_undone(session, batch))
