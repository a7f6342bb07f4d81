"""Captions are written, changed, derived and taken back on their page."""

import pytest

from tests.ui.conftest import reading, visit
from workbench import captions
from workbench.ui.components import caption_editor, keys


@pytest.fixture
def press(monkeypatch):
    """Let the next draw see a key as pressed, once."""

    def press(key: str) -> None:
        waiting = [key]
        monkeypatch.setattr(keys, "keys", lambda *_args, **_options: waiting.pop() if waiting else None)

    return press


@pytest.fixture
def edit(monkeypatch):
    """Let the editor of one caption report a text or an action, once."""

    def edit(caption_id: int, written: str | None = None, action: str | None = None) -> None:
        waiting = {f"caption-{caption_id}": (written, action)}
        monkeypatch.setattr(caption_editor, "caption_editor", lambda *_args, key, **_options: waiting.pop(key, (None, None)))

    return edit


def _texts(filled, image_id: int = 1) -> dict[int, str]:
    with reading(filled) as session:
        return {view.caption.id: view.caption.text for view in captions.of_image(session, image_id)}


def test_a_caption_is_added_at_the_level_that_the_rules_read(filled):
    app = visit("caption", image="1")
    app.text_area[0].set_value("a red box").run()
    with reading(filled) as session:
        added = captions.of_image(session, 1)[-1].caption
    assert (added.text, added.level, added.author) == ("a red box", "complete", "ann")
    assert app.text_area[0].value == ""


def test_a_caption_says_how_far_it_is_described_how_long_it_is_and_by_whom(filled, monkeypatch):
    notes = []
    monkeypatch.setattr(caption_editor, "caption_editor", lambda *_args, note, **_options: notes.append(note) or (None, None))
    visit("caption", image="1")
    with reading(filled) as session:
        texts = [view.caption.text for view in captions.of_image(session, 1)]
    assert {note.split(" · ")[1] for note in notes} == {f"{len(text.split()) + 2}/77 tokens" for text in texts}
    assert all(note.split(" · ")[2].removeprefix("proposed ").startswith(("by ", "imported")) for note in notes)


def test_a_caption_in_another_column_than_its_level_is_said_to_be_read_otherwise(filled):
    app = visit("caption", image="1")
    app.text_area[2].set_value("a red box").run()
    assert "Read as ● complete" in app.toast[0].value


def test_what_is_typed_is_saved_with_its_author(filled, edit):
    edit(1, written="a red box and a blue floor ")
    visit("caption", image="1")
    assert _texts(filled)[1] == "a red box and a blue floor"


def test_a_text_that_the_image_has_already_is_refused_in_a_sentence(filled, edit):
    edit(1, written="a box in front of a wall")
    app = visit("caption", image="1")
    assert "already" in app.error[0].value
    assert _texts(filled)[1] == "a red box in front of a gray wall"


def test_a_person_overrules_the_level(filled, edit):
    edit(1, action="level:scarce")
    visit("caption", image="1")
    with reading(filled) as session:
        caption = captions.get(session, 1)
    assert (caption.level, caption.level_origin, caption.computed_level) == ("scarce", "human", "complete")


def test_d_proposes_what_follows_and_accepting_makes_it_count(filled, press, edit):
    press("d")
    visit("caption", image="1")
    with reading(filled) as session:
        proposed = [view.caption for view in captions.of_image(session, 1) if view.caption.status == "proposed"]
    assert [caption.derived_from_id for caption in proposed] == [1]
    edit(proposed[0].id, action="accept")
    visit("caption", image="1")
    with reading(filled) as session:
        assert captions.get(session, proposed[0].id).status == "accepted"


def test_z_takes_the_last_change_back_even_a_drop(filled, edit, press):
    before = _texts(filled)
    edit(2, action="drop")
    visit("caption", image="1")
    assert 2 not in _texts(filled)
    press("z")
    visit("caption", image="1")
    assert _texts(filled) == before


def test_the_arrow_keys_walk_through_what_matches(filled, press):
    press("ArrowRight")
    app = visit("caption", image="1")
    assert app.query_params["image"] == "2"
    press("ArrowLeft")
    assert visit("caption", image="1").query_params["image"] == "1"


def test_the_search_field_narrows_the_walk_and_stays_in_the_address(filled):
    app = visit("caption", image="1")
    app.text_input[0].set_value("color:blue").run()
    assert app.query_params["q"] == "color:blue"
    assert "blue\\-box\\.png" in "".join(element.value for element in app.caption)
