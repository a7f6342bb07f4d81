"""Findings of checks are rows that are acted on in place, each on the caption that it shows, and undone by one key."""

import pytest

from db.enums import CaptionStatus
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import captions
from workbench.ui.components import keys

pytestmark = pytest.mark.slow


@pytest.fixture
def press(monkeypatch):
    """Let the page see a key as pressed in the next draw."""
    waiting: list[str] = []
    monkeypatch.setattr(keys, "keys", lambda *_args, **_options: waiting.pop(0) if waiting else None)
    return waiting.append


@pytest.fixture
def contradicting(filled):
    """Two captions of the first image that give its box different colors."""
    with writing(filled) as session:
        captions.edit(session, 2, "a blue box in front of a wall", actor="bob")
    return filled


def field(app, text):
    return next(one for one in app.text_input if one.value == text)


@pytest.mark.slow
def test_a_row_shows_the_captions_and_changes_one_in_place_and_z_undoes_it(contradicting, press):
    app = visit("checks")
    assert "Captions give “box” different colors" in texts(app)
    field(app, "a blue box in front of a wall").set_value("a red box in front of a wall").run()
    with reading(contradicting) as session:
        assert captions.get(session, 2).text == "a red box in front of a wall"
    press("z")
    app.run()
    with reading(contradicting) as session:
        assert captions.get(session, 2).text == "a blue box in front of a wall"


@pytest.mark.slow
def test_a_caption_that_changed_meanwhile_is_not_written_over(contradicting):
    app = visit("checks")
    with writing(contradicting) as session:
        captions.edit(session, 2, "a teal box", actor="bob")
    field(app, "a blue box in front of a wall").set_value("a red box in front of a wall").run()
    assert "a teal box" in app.error[0].value
    with reading(contradicting) as session:
        assert captions.get(session, 2).text == "a teal box"


@pytest.mark.slow
def test_a_caption_is_removed_where_it_is_shown(contradicting):
    app = visit("checks")
    next(button for button in app.button if button.label == "Remove caption" and "-2-" in button.key).click().run()
    with reading(contradicting) as session:
        assert captions.get(session, 2).status is CaptionStatus.DROPPED
