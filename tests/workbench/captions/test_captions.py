"""Captions are kept to the byte, read once, edited without losing their masks, and found and replaced in bulk."""

import pytest
from sqlalchemy import event

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Event
from tests.stores import TEXT, add_caption, add_image, add_region, ground, mention
from workbench import captions, levels, regions
from workbench.captions import Edit, bulk_edit
from workbench.captions.captions import NewCaption
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.store import events


@pytest.fixture
def image(session, media):
    return add_image(session, media)


def phrases(session, caption):
    return [(view.phrase, view.colors, len(view.masks)) for view in regions.for_caption(session, caption.id)]


def test_a_caption_is_read_as_it_is_added(session, image):
    caption = add_caption(session, image)
    assert (caption.level, caption.computed_level, caption.level_origin) == (CaptionLevel.PARTIAL, CaptionLevel.PARTIAL, Origin.RULE)
    [view] = captions.of_image(session, image.id)
    assert [(each.phrase, each.colors) for each in view.mentions] == [
        ("a red cup", ["red"]),
        ("a brown table", ["brown"]),
        ("a cat", []),
    ]


def test_a_level_that_is_given_stands_beside_the_computed_one(session, image):
    caption = add_caption(session, image, level=CaptionLevel.COMPLETE, text_origin=Origin.IMPORTED)
    assert (caption.level, caption.computed_level, caption.level_origin) == (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL, Origin.IMPORTED)


@pytest.mark.parametrize("text", ["  a cup \n", "ein Öl‑Gemälde", "a 🍎 and\ta cup", "café", "a" * 5000])
def test_a_text_is_kept_to_the_byte(session, image, text):
    caption = add_caption(session, image, text)
    session.expire_all()
    assert captions.get(session, caption.id).text == text


@pytest.mark.parametrize("text", ["", "  \n", "a\x00cup", "a \ud83c cup"])
def test_a_text_that_is_none_is_refused(session, image, text):
    with pytest.raises(InvalidInputError):
        add_caption(session, image, text)


def test_the_same_text_again_is_the_caption_that_is_there(session, image):
    caption = add_caption(session, image)
    assert add_caption(session, image, author="bo").id == caption.id
    assert len(events.history(session, "caption", caption.id)) == 1


def test_an_unknown_image_is_named(session):
    with pytest.raises(NotFoundError, match="image 77"):
        captions.add(session, 77, TEXT, text_origin=Origin.HUMAN, author="ada")


def test_many_are_added_as_one_by_one(session, media):
    one, other = add_image(session, media, 1), add_image(session, media, 2)
    entries = [NewCaption(one.id, TEXT), NewCaption(other.id, TEXT), NewCaption(one.id, "a blue bird"), NewCaption(one.id, TEXT)]
    stored = captions.add_many(session, entries, text_origin=Origin.IMPORTED, author="ada")
    assert stored.added == 3
    assert stored.ids[0] == stored.ids[3]
    again = captions.add_many(session, entries, text_origin=Origin.IMPORTED, author="ada")
    assert (again.ids, again.added) == (stored.ids, 0)
    alone = add_caption(session, other, "a blue bird")
    assert phrases(session, alone) == phrases(session, captions.get(session, stored.ids[2]))


def test_the_record_of_a_bulk_equals_the_rows(session, image):
    stored = captions.add_many(session, [NewCaption(image.id, TEXT), NewCaption(image.id, "red")], text_origin=Origin.HUMAN, author="a")
    for key in stored.ids:
        [created] = events.history(session, "caption", key)
        assert created.after == events.snapshot(session, "caption", key)


def test_an_edit_keeps_the_masks_of_what_survives(session, image):
    caption = add_caption(session, image)
    cup, cat = add_region(session, image), add_region(session, image, left=40)
    ground(session, caption, "cup", cup)
    ground(session, caption, "cat", cat)
    kept = mention(session, caption, "cup").id
    captions.edit(session, caption.id, "on a table, a blue cup beside two dogs", actor="bo")
    assert phrases(session, caption) == [("a table", [], 0), ("a blue cup", ["blue"], 1), ("two dogs", [], 0)]
    assert mention(session, caption, "cup").id == kept
    assert (caption.text_origin, caption.author) == (Origin.HUMAN, "bo")


def test_of_two_alike_the_same_phrase_keeps_its_own_mask(session, image):
    caption = add_caption(session, image, "a red cup and a blue cup")
    blue = add_region(session, image)
    second = regions.for_caption(session, caption.id)[1].mention
    regions.ground(session, second.id, blue.id, origin=Origin.HUMAN, actor="ada")
    captions.edit(session, caption.id, "a blue cup and a green cup", actor="bo")
    assert phrases(session, caption) == [("a blue cup", ["blue"], 1), ("a green cup", ["green"], 0)]


def test_a_level_by_the_rules_follows_an_edit_and_one_by_a_person_stays(session, image):
    ruled, overruled = add_caption(session, image), add_caption(session, image, "a red bird")
    captions.set_level(session, overruled.id, CaptionLevel.PARTIAL, actor="bo")
    captions.edit(session, ruled.id, "a red cup", actor="bo")
    captions.edit(session, overruled.id, "a bird", actor="bo")
    assert ruled.level is CaptionLevel.COMPLETE
    assert (overruled.level, overruled.computed_level) == (CaptionLevel.PARTIAL, CaptionLevel.SCARCE)


def test_an_edit_into_another_caption_of_the_image_is_refused(session, image):
    add_caption(session, image, "a red bird")
    caption = add_caption(session, image)
    with pytest.raises(ConflictError, match="a red bird"):
        captions.edit(session, caption.id, "a red bird", actor="bo")


def test_dropped_captions_are_out_of_sight_but_there(session, image):
    caption = add_caption(session, image)
    assert captions.drop(session, [caption.id, caption.id], actor="bo") == 1
    assert captions.of_image(session, image.id) == []
    assert captions.find(session, "cup") == []
    assert captions.find(session, "cup status:dropped") == [caption]
    assert captions.accept(session, [caption.id], actor="bo") == 1
    assert captions.find(session, "cup") == [caption]


def test_partial_and_scarce_captions_are_proposed_once(session, image):
    caption = add_caption(session, image, "a red cup on a brown table")
    proposed = captions.derive(session, caption.id, author="rules")
    assert {each.level for each in proposed} == {CaptionLevel.PARTIAL, CaptionLevel.SCARCE}
    assert "a cup on a table" in [each.text for each in proposed]
    assert {(each.status, each.text_origin, each.derived_from_id) for each in proposed} == {
        (CaptionStatus.PROPOSED, Origin.RULE, caption.id)
    }
    assert [each.id for each in captions.derive(session, caption.id, author="rules")] == [each.id for each in proposed]


def test_levels_are_counted_among_the_accepted(session, image):
    add_caption(session, image)
    add_caption(session, image, "a red bird")
    add_caption(session, image, "a bird", status=CaptionStatus.PROPOSED)
    assert captions.counts_by_level(session) == {CaptionLevel.COMPLETE: 1, CaptionLevel.PARTIAL: 1, CaptionLevel.SCARCE: 0}


def test_pages_of_captions_follow_each_other(session, image):
    keys = [add_caption(session, image, f"a red bird {number}").id for number in range(7)]
    first = captions.find(session, "bird", limit=4)
    rest = captions.find(session, "bird", after_id=first[-1].id)
    assert [each.id for each in first + rest] == keys


def test_replacing_is_previewed_then_done_then_rolled_back(session, image):
    cup = add_caption(session, image)
    add_caption(session, image, "a blue bird")
    edit = Edit("replace", pattern="cup", replacement="mug")
    preview = bulk_edit.preview(session, edit)
    assert [(change.before, change.after) for change in preview.first] == [(TEXT, TEXT.replace("cup", "mug"))]
    assert cup.text == TEXT
    batch_id, _changes = bulk_edit.apply(session, edit, actor="bo")
    assert cup.text == TEXT.replace("cup", "mug")
    assert next(view.phrase for view in regions.for_caption(session, cup.id)) == "a red mug"
    events.rollback(session, batch_id, actor="bo")
    assert cup.text == TEXT


def test_replacing_by_expression_uses_groups_within_a_query(session, image):
    add_caption(session, image, "a red car")
    other = add_caption(session, image, "a red bird")
    edit = Edit("replace", "bird", pattern=r"a (\w+) (\w+)", replacement=r"the \2 is \1", regex=True)
    _batch_id, changes = bulk_edit.apply(session, edit, actor="bo")
    assert [change.caption_id for change in changes] == [other.id]
    assert other.text == "the bird is red"


def test_what_cannot_be_replaced_is_listed_with_its_problem(session, image):
    for text in ("red", "a red cup", "a blue cup", "a green cup"):
        add_caption(session, image, text)
    edit = Edit("replace", pattern="red|blue|green", regex=True)
    looked_at = bulk_edit.preview(session, edit)
    assert (looked_at.possible, looked_at.refused, looked_at.more) == (1, 3, False)
    _batch_id, changes = bulk_edit.apply(session, edit, actor="bo")
    assert [(change.after, change.problem, change.batch_id is None) for change in changes] == [
        ("", "It would have no words left.", True),
        ("a  cup", "", False),
        ("a  cup", "Its image has that caption already.", True),
        ("a  cup", "Its image has that caption already.", True),
    ]


@pytest.mark.parametrize(("pattern", "replacement"), [("", "x"), ("(", "x"), ("a", r"\1"), ("a", r"\g<b>")])
def test_a_broken_expression_is_named(session, image, pattern, replacement):
    add_caption(session, image)
    with pytest.raises(InvalidInputError):
        bulk_edit.preview(session, Edit("replace", pattern=pattern, replacement=replacement, regex=True))


@pytest.mark.slow
def test_thousands_are_added_in_a_few_statements(session, image, engines):
    statements = []
    event.listen(engines.writer, "before_cursor_execute", lambda *call: statements.append(call[2]))
    reading = levels.read_caption("a red cup")
    entries = [NewCaption(image.id, f"a red cup {number}", reading=reading) for number in range(1000)]
    assert captions.add_many(session, entries, text_origin=Origin.IMPORTED, author="ada").added == 1000
    assert len(statements) < 40
    assert session.query(Event).filter_by(subject="caption").count() == 1000
