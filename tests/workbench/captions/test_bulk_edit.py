"""Many captions are changed at once: looked at first, done as one batch, taken back whole."""

import pytest

from db.enums import CaptionLevel, CaptionStatus, Origin
from tests.stores import add_caption, add_image
from workbench import captions, images
from workbench.captions import Edit, bulk_edit, history
from workbench.errors import InvalidInputError
from workbench.exports.caption_files import rows
from workbench.store import events

TEXTS = ("a red cup on a brown table", "a red cup on a table", "a cup on a table")


@pytest.fixture
def stocked(session, media):
    for seed in range(3):
        image = add_image(session, media, seed)
        for text in TEXTS:
            add_caption(session, image, text)
    return session


QUERY = "level:partial,complete"
EDITS = {
    "replace": Edit("replace", QUERY, pattern=r"\bcup\b", replacement="mug", regex=True),
    "relevel": Edit("relevel", QUERY, level="scarce"),
    "remove": Edit("remove", QUERY),
    "accept": Edit("accept", QUERY),
    "retag": Edit("retag", QUERY, add=["night"], take=["day"]),
}


def everything(session):
    tags = [images.tags(session, image.id) for image in images.find(session)]
    return list(rows(session, "status:accepted,proposed,dropped")), tags


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.slow
def test_a_preview_changes_nothing_applying_does_what_it_said_and_rollback_takes_all_of_it_back(stocked, edit):
    images.tag(stocked, [1], "day", actor="ada")
    proposed = add_caption(stocked, images.get(stocked, 1), "a brown cup on a table", status=CaptionStatus.PROPOSED)
    before = everything(stocked)
    looked_at = bulk_edit.preview(stocked, edit)
    assert looked_at.number
    assert everything(stocked) == before
    assert proposed.id in bulk_edit.affected(stocked, edit) or edit.kind in ("relevel", "retag")
    batch, done = bulk_edit.apply(stocked, edit, actor="bo")
    assert [(change.before, change.after) for change in done] == [(change.before, change.after) for change in looked_at.first]
    assert len(done) == looked_at.number
    assert everything(stocked) != before
    assert {change.batch_id for change in done} == {batch}
    assert history.recent(stocked)[0].batch_id == batch
    assert bulk_edit.not_yet(stocked, edit, [change.subject_id for change in done], batch) == []
    events.rollback(stocked, batch, actor="bo")
    assert everything(stocked) == before
    assert [recent.stands for recent in history.recent(stocked) if recent.batch_id == batch] == [False]


def test_a_level_said_of_many_stands_beside_what_the_rules_read_and_can_be_given_back(stocked):
    bulk_edit.apply(stocked, Edit("relevel", "level:complete", level="scarce"), actor="bo")
    changed = captions.get(stocked, 1)
    assert (changed.level, changed.level_origin, changed.computed_level) == (CaptionLevel.SCARCE, Origin.HUMAN, CaptionLevel.COMPLETE)
    bulk_edit.apply(stocked, Edit("relevel"), actor="bo")
    assert (changed.level, changed.level_origin) == (CaptionLevel.COMPLETE, Origin.RULE)
    assert bulk_edit.preview(stocked, Edit("relevel")).number == 0


def test_two_captions_of_an_image_never_become_one(stocked):
    edit = Edit("replace", pattern="red |brown ", regex=True)
    _batch, changes = bulk_edit.apply(stocked, edit, actor="bo")
    assert [change.problem for change in changes[:2]] == ["Its image has that caption already."] * 2
    assert history.recent(stocked) == []


def test_a_preview_says_of_several_pieces_what_applying_does(stocked, monkeypatch):
    monkeypatch.setattr(bulk_edit, "CHUNK", 1)
    image = images.get(stocked, 1)
    for text in ("a b cup", "b b cup", "c b cup"):
        add_caption(stocked, image, text)
    edit = Edit("replace", "caption:>9", pattern="^a b|^b b", replacement="c b", regex=True)
    looked_at = bulk_edit.preview(stocked, edit)
    _batch, done = bulk_edit.apply(stocked, edit, actor="bo")
    assert [(change.after, change.problem) for change in looked_at.first] == [(change.after, change.problem) for change in done]


def test_a_preview_ends_where_looking_takes_long_and_says_so(stocked, monkeypatch):
    monkeypatch.setattr(bulk_edit, "LOOKED_AT", 4)
    looked_at = bulk_edit.preview(stocked, Edit("replace", pattern="cup", replacement="mug"))
    assert (looked_at.number, looked_at.number.more) == (4, True)
    assert len(bulk_edit.affected(stocked, Edit("replace", pattern="cup", replacement="mug"))) == 9


def test_tags_are_named_or_the_edit_is_refused(stocked):
    with pytest.raises(InvalidInputError, match="Name a tag"):
        bulk_edit.preview(stocked, Edit("retag"))


def test_recent_batches_are_newest_first_and_count_their_changes(stocked):
    bulk_edit.apply(stocked, Edit("remove", "level:scarce"), actor="bo")
    bulk_edit.apply(stocked, Edit("retag", add=["night"]), actor="cy")
    recent = [(batch.action, batch.count, batch.actor) for batch in history.recent(stocked)]
    assert recent == [("tag", 3, "cy"), ("drop", 3, "bo")]
