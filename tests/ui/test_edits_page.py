"""Edits of many captions are shown, applied and taken back on their page."""

import pytest

from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import captions, images, runs
from workbench.captions import bulk_edit

pytestmark = pytest.mark.slow


def _press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def _field(app, label: str):
    return next(field for field in app.text_input if field.label == label)


def _texts(filled) -> list[str]:
    with reading(filled) as session:
        return [caption.text for caption in captions.find(session)]


@pytest.mark.slow
def test_replacing_shows_first_then_does_it_then_takes_it_back(filled):
    before = _texts(filled)
    app = visit("edits", q="color:red")
    _field(app, "Find").set_value("box").run()
    _field(app, "Replace with").set_value("crate").run()
    assert "**2 changes**" in texts(app)
    assert _texts(filled) == before
    _press(app, "Apply")
    assert sum("crate" in text for text in _texts(filled)) == 2
    _press(app, "Undo")
    assert _texts(filled) == before
    assert "undone" in texts(app)


@pytest.mark.slow
def test_whole_words_are_found_and_a_row_that_is_switched_off_stays(filled):
    before = _texts(filled)
    app = visit("edits", q="color:red")
    _field(app, "Find").set_value("ox").run()
    _field(app, "Replace with").set_value("crate").run()
    assert "**0 changes**" in texts(app)
    _field(app, "Find").set_value("box").run()
    assert "**2 changes**" in texts(app)
    app.checkbox[0].set_value(False).run()
    assert "1 left out" in texts(app)
    _press(app, "Apply")
    after = _texts(filled)
    assert sum("crate" in text for text in after) == 1
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_broken_expression_is_refused_in_a_sentence(filled):
    app = visit("edits")
    app.segmented_control[1].set_value("Regular expression").run()
    _field(app, "Find").set_value("(").run()
    assert "cannot be used" in app.error[0].value


@pytest.mark.slow
def test_levels_are_said_of_many(filled):
    app = visit("edits", q="level:complete")
    app.segmented_control[0].set_value("Change level").run()
    app.segmented_control[1].set_value("scarce").run()
    _press(app, "Apply")
    with reading(filled) as session:
        assert {caption.level_origin for caption in captions.find(session, "level:scarce caption:1")} == {"human"}


def test_deleting_needs_a_query(filled):
    app = visit("edits")
    app.segmented_control[0].set_value("Delete").run()
    assert "Say above which captions" in texts(app)
    assert not [button for button in app.button if button.label == "Apply"]


@pytest.mark.slow
def test_tags_go_on_every_image_that_matches(filled):
    app = visit("edits", q="color:red")
    app.segmented_control[0].set_value("Tag images").run()
    _field(app, "Add tags").set_value("night, checked").run()
    _press(app, "Apply")
    with reading(filled) as session:
        assert images.tags(session, 1) == ["checked", "night"]


@pytest.mark.slow
def test_what_takes_long_is_left_to_a_worker_with_its_progress_on_the_page(filled, monkeypatch):
    monkeypatch.setattr(bulk_edit, "AT_ONCE", 1)
    app = visit("edits", q="color:red")
    _field(app, "Find").set_value("box").run()
    _field(app, "Replace with").set_value("crate").run()
    _press(app, "Apply")
    with reading(filled) as session:
        [run] = [run for run in runs.listing(session) if run.job == "edit_captions"]
        assert (run.status, run.parameters["pattern"], run.parameters["replacement"]) == ("queued", "box", "crate")
    assert [button.label for button in app.button].count("Cancel") == 1


@pytest.mark.slow
def test_proposals_are_accepted_as_one_batch(filled):
    with writing(filled) as session:
        captions.derive(session, 1, author="ann")
    app = visit("edits")
    app.segmented_control[0].set_value("Accept proposals").run()
    _press(app, "Apply")
    with reading(filled) as session:
        assert captions.count(session, "status:proposed") == 0
