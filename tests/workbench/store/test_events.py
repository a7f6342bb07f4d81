"""Every change can be taken back exactly, and none is taken back over a later one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from db.base import Base
from db.enums import CaptionLevel, Origin
from db.models import Event, Grounding, Region
from db.session import transaction
from tests.stores import TEXT, add_caption, add_image, add_region, ground, insert_image, mention, migrated, square
from tests.stores.counted_steps import steps_of
from workbench import captions, images, regions
from workbench.errors import ConflictError, NotFoundError, WorkbenchError
from workbench.store import events

TABLES = ("image", "image_tag", "duplicate", "caption", "mention", "mention_color", "grounding", "region")


def everything(session):
    """All rows of the tables that events restore, as the database has them."""
    session.flush()
    return {
        name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
        for name, table in Base.metadata.tables.items()
        if name in TABLES
    }


@pytest.fixture
def image(session, media):
    return add_image(session, media)


@pytest.fixture
def caption(session, image):
    caption = add_caption(session, image)
    ground(session, caption, "cup", add_region(session, image))
    ground(session, caption, "cat", add_region(session, image, left=40))
    return caption


def last(session):
    return session.scalars(select(Event).order_by(Event.id.desc())).first()


CHANGES = {
    "edit": lambda session, image, caption: captions.edit(session, caption.id, "two dogs on a blue table", actor="bo"),
    "edit a little": lambda session, image, caption: captions.edit(session, caption.id, TEXT.replace("red", "blue"), actor="bo"),
    "level": lambda session, image, caption: captions.set_level(session, caption.id, CaptionLevel.SCARCE, actor="bo"),
    "drop": lambda session, image, caption: captions.drop(session, [caption.id], actor="bo"),
    "tag": lambda session, image, caption: images.tag(session, [image.id], "night: late", actor="bo"),
    "add": lambda session, image, caption: add_caption(session, image, "a green tree"),
    "region": lambda session, image, caption: add_region(session, image, left=3),
    "remove": lambda session, image, caption: regions.remove(session, mask_of(session, caption, "cup").id, actor="bo"),
    "unground": lambda session, image, caption: regions.unground(
        session, mention(session, caption, "cup").id, mask_of(session, caption, "cup").id, actor="bo"
    ),
    "ground": lambda session, image, caption: ground(session, caption, "table", mask_of(session, caption, "cup")),
}


def mask_of(session, caption, object_):
    key = mention(session, caption, object_).id
    return session.scalars(select(Region).join(Grounding).where(Grounding.mention_id == key)).one()


@pytest.mark.parametrize("name", CHANGES)
def test_undo_restores_every_row_exactly(session, image, caption, name):
    before = everything(session)
    CHANGES[name](session, image, caption)
    after = everything(session)
    assert after != before
    undo = events.undo(session, last(session).id, actor="bo")
    assert everything(session) == before
    events.undo(session, undo.id, actor="bo")
    assert everything(session) == after


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_undone_cannot_be_undone_again_but_what_was_redone_can(session, image, caption, name):
    before = everything(session)
    CHANGES[name](session, image, caption)
    event = last(session)
    redo = events.undo(session, event.id, actor="bo")
    with pytest.raises(ConflictError, match="already"):
        events.undo(session, event.id, actor="bo")
    events.undo(session, redo.id, actor="bo")
    events.undo(session, event.id, actor="bo")
    assert everything(session) == before


steps = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from([TEXT, "a cup", "a blue cup and a red cat", "two cats on a table", "nothing"])),
        st.tuples(st.just("level"), st.sampled_from(list(CaptionLevel))),
        st.tuples(st.just("status"), st.booleans()),
        st.tuples(st.just("add"), st.sampled_from(["a red apple", "a green bird on a gray wall"])),
        st.tuples(st.just("tag"), st.sampled_from(["day", "night"])),
        st.tuples(st.just("region"), st.integers(0, 3)),
        st.tuples(st.just("ground"), st.integers(0, 5)),
        st.tuples(st.just("remove"), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=8,
)


def walk(session, image, caption, kind, argument, batch):
    """One change of a random walk, in a batch."""
    if kind == "edit":
        captions.edit(session, caption.id, argument, actor="bo", batch_id=batch)
    elif kind == "level":
        captions.set_level(session, caption.id, argument, actor="bo", batch_id=batch)
    elif kind == "status":
        (captions.accept if argument else captions.drop)(session, [caption.id], actor="bo", batch_id=batch)
    elif kind == "add":
        add_caption(session, image, argument, batch_id=batch)
    elif kind == "tag":
        images.tag(session, [image.id], argument, actor="bo", batch_id=batch)
    elif kind == "region":
        mask = square(image, left=argument * 5)
        regions.add(session, image.id, mask, origin="human", author="bo", batch_id=batch)
    else:
        drawn = [view.region for view in regions.of_image(session, image.id)]
        mentions = [view.mention for view in regions.for_caption(session, caption.id)]
        if kind == "remove" and argument < len(drawn):
            regions.remove(session, drawn[argument].id, actor="bo", batch_id=batch)
        elif kind == "ground" and mentions and drawn:
            place = mentions[argument % len(mentions)].id, drawn[argument % len(drawn)].id
            regions.ground(session, *place, origin=Origin.HUMAN, actor="bo", batch_id=batch)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walked=steps)
@pytest.mark.slow
def test_rollback_of_any_walk_restores_every_row_exactly(session, image, caption, walked):
    before, batch = everything(session), events.new_batch()
    for kind, argument in walked:
        walk(session, image, caption, kind, argument, batch)
    standing = session.scalars(select(Event).where(Event.batch_id == batch)).all()
    if standing:
        assert events.rollback(session, batch, actor="bo") == len(standing)
        assert events.rollback(session, batch, actor="bo") == 0
    assert everything(session) == before


def test_a_rollback_can_be_rolled_back(session, image, caption):
    batch = events.new_batch()
    for kind, argument in [("edit", "a blue cup"), ("tag", "day"), ("add", "a red apple"), ("remove", 0)]:
        walk(session, image, caption, kind, argument, batch)
    after = everything(session)
    events.rollback(session, batch, actor="bo")
    events.rollback(session, last(session).batch_id, actor="bo")
    assert everything(session) == after


def test_an_earlier_change_is_not_undone_over_a_later_one(session, caption):
    captions.edit(session, caption.id, "a blue cup", actor="bo")
    event = last(session)
    captions.edit(session, caption.id, "a green cup", actor="bo")
    with pytest.raises(ConflictError, match="changed since"):
        events.undo(session, event.id, actor="bo")
    assert caption.text == "a green cup"


def test_a_rollback_that_cannot_be_done_whole_changes_nothing(session, image, caption):
    batch = events.new_batch()
    captions.edit(session, caption.id, "a blue cup", actor="bo", batch_id=batch)
    images.tag(session, [image.id], "day", actor="bo", batch_id=batch)
    captions.edit(session, caption.id, "a green cup", actor="bo")
    before = everything(session)
    with pytest.raises(ConflictError):
        events.rollback(session, batch, actor="bo")
    assert everything(session) == before
    assert images.tags(session, image.id) == ["day"]


def test_an_import_is_not_undone_under_the_captions_that_stand_on_it(session, image, caption):
    creation = events.history(session, "image", image.id)[0]
    with pytest.raises(ConflictError, match="in use"):
        events.undo(session, creation.id, actor="bo")


def test_undo_needs_what_it_restores_onto(session, image, caption):
    region = mask_of(session, caption, "cup")
    regions.unground(session, mention(session, caption, "cup").id, region.id, actor="bo")
    event = last(session)
    regions.remove(session, region.id, actor="bo")
    with pytest.raises(ConflictError, match="gone"):
        events.undo(session, event.id, actor="bo")


def test_objects_at_hand_show_what_was_undone(session, image, caption):
    cup = mention(session, caption, "cup")
    captions.edit(session, caption.id, "a long long caption with a cup", actor="bo")
    events.undo(session, last(session).id, actor="bo")
    assert caption.text == TEXT
    assert TEXT[cup.start : cup.end] == "a red cup"


def test_history_tells_who_did_what_in_order(session, image, caption):
    captions.edit(session, caption.id, "a blue cup", actor="bo")
    images.tag(session, [image.id], "day", actor="cy")
    told = [(event.actor, event.action, event.subject) for event in events.history(session, "caption", caption.id)]
    assert told == [("ada", "create", "caption"), ("bo", "edit", "caption")]
    assert [(event.actor, event.action) for event in events.history(session, "image", image.id)] == [("import", "create"), ("cy", "tag")]


def test_an_edit_is_recorded_by_what_it_changed_only(session, caption):
    captions.set_level(session, caption.id, CaptionLevel.SCARCE, actor="bo")
    event = last(session)
    assert set(event.before) == set(event.after) == {"level", "level_origin", "updated_at"}


def test_changing_nothing_is_no_event(session, caption):
    count = len(events.history(session, "caption", caption.id))
    captions.edit(session, caption.id, TEXT, actor="bo")
    captions.set_level(session, caption.id, caption.level, actor="bo")
    captions.accept(session, [caption.id], actor="bo")
    assert len(events.history(session, "caption", caption.id)) == count + 1  # the level is a person's now


def test_unknown_events_and_batches_are_named(session):
    with pytest.raises(NotFoundError, match="99"):
        events.undo(session, 99, actor="bo")
    with pytest.raises(NotFoundError, match="nothing"):
        events.rollback(session, "nothing", actor="bo")


@pytest.mark.parametrize("record", [{"subject": "picture", "after": {}}, {"subject": "image", "after": {"colour": 1}}])
def test_a_record_must_speak_of_what_there_is(session, record):
    with pytest.raises(ValueError, match="expected"):
        events.record(session, actor="bo", action="edit", subject_id=1, before=None, **record)


def test_a_key_that_no_row_can_have_is_refused(session):
    with pytest.raises(WorkbenchError, match="no key"):
        events.snapshot(session, "image_tag", "7")


@pytest.mark.postgres
@pytest.mark.slow
def test_postgresql_restores_every_row_exactly_too(postgres_url, media):
    with migrated(postgres_url) as engines, transaction(engines.writer) as session:
        image = add_image(session, media)
        add_image(session, media, 1)
        caption = add_caption(session, image)
        ground(session, caption, "cup", add_region(session, image))
        before, batch = everything(session), events.new_batch()
        for kind, argument in [("edit", "a blue cup"), ("status", False), ("tag", "day"), ("add", "a red apple"), ("remove", 0)]:
            walk(session, image, caption, kind, argument, batch)
        after = everything(session)
        assert events.rollback(session, batch, actor="bo") == 5
        assert everything(session) == before
        events.rollback(session, last(session).batch_id, actor="bo")
        assert everything(session) == after
        [created] = events.history(session, "image", image.id)[:1]
        assert created.after == events.snapshot(session, "image", image.id)


@pytest.mark.sqlite
def test_the_history_of_an_image_reads_none_of_the_others(session, media):
    image = insert_image(session, media, 1)
    images.tag(session, [image.id], "night", actor="ada")
    few = steps_of(session, lambda session: events.history(session, "image", image.id))
    told = [(f"{number}:night", None, {"image_id": number, "tag": "night"}) for number in range(10, 2000)]
    events.record_many(session, told, actor="bo", action="tag", subject="image_tag")
    assert [event.action for event in events.history(session, "image", image.id)] == ["tag"]
    assert steps_of(session, lambda session: events.history(session, "image", image.id)) < 2 * few
