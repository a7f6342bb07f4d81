"""Captions are written, changed, derived and taken back on their page."""

import itertools

import pytest
import streamlit as st

from tests.stores import reading, writing
from tests.ui.conftest import visit
from workbench import captions, images
from workbench.store import events
from workbench.ui.components import caption_board
from workbench.ui.components.caption_board import Message

pytestmark = pytest.mark.slow


NUMBER = itertools.count()


@pytest.fixture
def board(filled, monkeypatch):
    """Let the board tell of deeds in the next draw, once; returns what it was given to show, draw by draw."""

    def board(*deeds: dict, image: int = 1, step: int = 0) -> list[dict]:
        with reading(filled) as session:
            own = {"image": image, "picture": images.get(session, image).sha256, "name": "a picture"}
        told = tuple({"id": f"deed-{next(NUMBER)}"} | own | deed for deed in deeds)
        waiting, shown = [Message(told, image, step)] if deeds or step else [], []

        def draw(pages, walk, *, on_message, **options):
            shown.append({"page": next(page for page in pages if page["picture"]["id"] == walk["image"]), "walk": walk, **options})
            if waiting:
                on_message(waiting.pop())
                st.rerun()

        monkeypatch.setattr(caption_board, "caption_board", draw)
        return shown

    return board


def _cards(shown: list[dict]) -> list[dict]:
    return shown[-1]["page"]["cards"]


def _card(shown: list[dict], key: int) -> dict:
    return next(card for card in _cards(shown) if card["id"] == key)


def _write(key: int, before: str, text: str) -> dict:
    return {"kind": "write", "caption": key, "before": before, "text": text}


RED = "a red box in front of a gray wall"


def _texts(filled, image_id: int = 1) -> dict[int, str]:
    with reading(filled) as session:
        return {view.caption.id: view.caption.text for view in captions.of_image(session, image_id)}


@pytest.mark.slow
def test_a_card_says_what_is_named_how_long_it_is_and_where_it_comes_from(filled, board):
    shown = board()
    visit("caption", image="1")
    card = _cards(shown)[0]
    assert (card["covered"], card["tokens"], card["lost"]) == ("2 of 2 objects with a color", "11 of 77 tokens", None)
    assert card["whence"] == "by a person"
    box, wall = card["mentions"]
    assert [card["text"][: chip["end"]] for chip in box["chips"] + wall["chips"]] == ["a red", "a red box in front of a gray"]
    [outline] = shown[0]["page"]["picture"]["outlines"]
    assert outline["mentions"] == [1, 3, 5]
    assert "M" in outline["path"]
    assert {"red", "box", "wall"} <= set(shown[0]["words"])


@pytest.mark.slow
def test_words_that_the_encoder_does_not_read_begin_where_the_card_says(filled, board):
    with writing(filled) as session:
        captions.edit(session, 1, "a red box " * 30, actor="ann")
    shown = board()
    visit("caption", image="1")
    card = _card(shown, 1)
    assert (card["tokens"], card["over"], card["lost"]) == ("92 of 77 tokens", True, 250)


@pytest.mark.slow
def test_what_is_typed_is_saved_with_its_author_and_told_to_be_in_the_store(filled, board):
    shown = board(_write(1, RED, "a red box and a blue floor"))
    visit("caption", image="1")
    assert _texts(filled)[1] == "a red box and a blue floor"
    assert len(shown[-1]["done"]) == 1


def test_a_deed_that_comes_twice_is_done_once(filled, board):
    deed = {"id": "twice", "kind": "level", "caption": 1, "level": "scarce"}
    board(deed, deed)
    visit("caption", image="1")
    with reading(filled) as session:
        assert [event.action for event in events.history(session, "caption", 1)].count("level") == 1


@pytest.mark.slow
def test_a_deed_that_was_kept_for_another_store_is_refused(filled, board):
    shown = board({"id": "foreign", "kind": "drop", "caption": 1, "picture": "0" * 64})
    visit("caption", image="1")
    assert "another store" in shown[-1]["refused"]["foreign"]
    assert 1 in _texts(filled)


@pytest.mark.slow
def test_a_deed_that_names_the_caption_of_another_image_is_refused(filled, board):
    shown = board({"id": "strayed", **_write(4, "a green box in front of a gray wall", "a stray letter")})
    visit("caption", image="1")
    assert "another image" in shown[-1]["refused"]["strayed"]
    assert "a stray letter" not in _texts(filled, 2).values()


@pytest.mark.slow
def test_a_text_written_over_one_that_changed_meanwhile_is_refused_with_what_it_says_now(filled, board):
    with writing(filled) as session:
        captions.edit(session, 1, "a crimson box", actor="bob")
    shown = board({"id": "late", **_write(1, RED, "a red box and a blue floor")})
    visit("caption", image="1")
    assert "a crimson box" in shown[-1]["refused"]["late"]
    assert _texts(filled)[1] == "a crimson box"


@pytest.mark.slow
def test_writes_that_follow_each_other_before_any_is_answered_are_done_in_their_order(filled, board):
    shown = board(_write(1, RED, "a red"), _write(1, "a red", "a red kettle"))
    visit("caption", image="1")
    assert _texts(filled)[1] == "a red kettle"
    assert len(shown[-1]["done"]) == 2


@pytest.mark.slow
def test_a_new_caption_is_added_at_the_level_that_the_rules_read(filled, board):
    shown = board({"kind": "add", "level": "scarce", "text": "a red box"})
    visit("caption", image="1")
    with reading(filled) as session:
        added = captions.of_image(session, 1)[-1].caption
    assert (added.text, added.level, added.author) == ("a red box", "complete", "ann")
    assert "saved as ● complete" in shown[-1]["told"][-1]["text"]


@pytest.mark.slow
def test_a_caption_that_was_dropped_comes_back_by_being_written_again(filled, board):
    with writing(filled) as session:
        captions.drop(session, [2], actor="ann")
    board({"kind": "add", "level": "partial", "text": "a red box in front of a wall"})
    visit("caption", image="1")
    assert 2 in _texts(filled)


def test_a_text_that_the_image_has_already_is_refused_on_its_card(filled, board):
    shown = board({"id": "same", **_write(1, RED, "a box in front of a wall")})
    visit("caption", image="1")
    assert "already" in shown[-1]["refused"]["same"]
    assert _texts(filled)[1] == "a red box in front of a gray wall"


@pytest.mark.slow
def test_a_person_overrules_the_level_and_gives_it_back(filled, board):
    shown = board({"kind": "level", "caption": 1, "level": "scarce"})
    visit("caption", image="1")
    card = _card(shown, 1)
    assert (card["level"], card["overruled"], card["whence"]) == ("scarce", True, "by a person · level by a person (automatic: complete)")
    board({"kind": "level", "caption": 1, "level": None})
    visit("caption", image="1")
    with reading(filled) as session:
        assert captions.get(session, 1).level_origin == "rule"


@pytest.mark.slow
def test_proposals_follow_more_of_them_when_asked_again_and_accepting_makes_one_count(filled, board):
    shown = board({"kind": "add", "level": "complete", "text": "a red box, a blue cup, a green lamp and a white wall"})
    visit("caption", image="1")
    source = max(card["id"] for card in _cards(shown))
    counts = []
    for _ in range(2):
        shown = board({"kind": "derive", "caption": source})
        visit("caption", image="1")
        counts.append(sum(card["proposed"] for card in _cards(shown)))
    assert counts[0] >= 4
    assert counts[1] > counts[0]
    proposed = next(card for card in _cards(shown) if card["proposed"])
    assert proposed["whence"] == "proposed, machine-made"
    board({"kind": "accept", "caption": proposed["id"]})
    visit("caption", image="1")
    with reading(filled) as session:
        assert captions.get(session, proposed["id"]).status == "accepted"


@pytest.mark.slow
def test_z_undoes_the_last_change_of_the_image_on_show_and_y_does_it_again(filled, board):
    before = _texts(filled)
    board({"kind": "drop", "caption": 2})
    app = visit("caption", image="1")
    assert 2 not in _texts(filled)
    board({"kind": "take_back"})
    app.run()
    assert _texts(filled) == before
    board({"kind": "do_again"})
    app.run()
    assert 2 not in _texts(filled)


@pytest.mark.slow
def test_one_step_of_a_captions_history_is_undone_from_its_card(filled, board):
    shown = board(_write(1, RED, "a teal box"))
    visit("caption", image="1")
    step = _card(shown, 1)["past"][0]
    assert f"{RED} → a teal box" in step["told"]
    board({"kind": "undo", "caption": 1, "event": step["id"]})
    visit("caption", image="1")
    assert _texts(filled)[1] == RED


@pytest.mark.slow
def test_p_proposes_the_colors_that_the_picture_shows(filled, board):
    with writing(filled) as session:
        captions.edit(session, 9, "a box on a floor", actor="ann")
    board({"kind": "describe"}, image=3)
    visit("caption", image="3")
    with reading(filled) as session:
        [proposal] = [view.caption for view in captions.of_image(session, 3) if view.caption.status == "proposed"]
    assert proposal.text == "a blue box on a floor"


@pytest.mark.slow
def test_all_proposals_of_what_matches_are_accepted_as_one_batch(filled, board):
    with writing(filled) as session:
        for image in images.find(session, "color:red,blue"):
            captions.derive(session, captions.of_image(session, image.id)[0].caption.id, author="rules")
        waiting = captions.matching(session, "status:proposed")
    app = visit("caption", q="color:red,blue")
    next(button for button in app.button if button.label == "Accept all proposals").click().run()
    with reading(filled) as session:
        assert {captions.get(session, key).status for key in waiting} == {"accepted"}


def test_the_page_follows_the_board_to_another_image(filled, board):
    shown = board(image=2, step=1)
    app = visit("caption", image="1")
    assert app.query_params["image"] == "2"
    assert (shown[-1]["walk"]["image"], shown[-1]["walk"]["step"]) == (2, 1)


@pytest.mark.slow
def test_an_image_that_no_longer_matches_stays_in_the_list_that_is_walked_until_it_is_refreshed(filled, board):
    with writing(filled) as session:
        for key in (1, 2, 3, 4, 5, 6):
            captions.drop(session, [key], actor="ann")
    shown = board({"kind": "add", "level": "complete", "text": "a red box"})
    app = visit("caption", q="NOT has:caption")
    assert shown[-1]["walk"]["ids"] == [1, 2]
    assert shown[-1]["walk"]["image"] == 1
    assert "by now 1 match, 1 fewer" in "".join(element.value for element in app.caption)
    next(button for button in app.button if button.label == "Refresh the list").click().run()
    assert shown[-1]["walk"]["ids"] == [2]


def test_the_search_field_narrows_the_walk_and_stays_in_the_address(filled, board):
    app = visit("caption", image="1")
    shown = board()
    app.text_input[0].set_value("color:blue").run()
    assert app.query_params["q"] == "color:blue"
    assert "blue-box.png" in shown[-1]["page"]["picture"]["note"]
    assert shown[-1]["walk"]["number"] == 1
