"""Captions are written, changed, derived and taken back on their page."""

import itertools

import pytest

from tests.ui.conftest import reading, visit, writing
from workbench import captions, images
from workbench.store import events
from workbench.ui.components import caption_board, keys
from workbench.ui.components.caption_board import Board

NUMBER = itertools.count()


@pytest.fixture
def press(monkeypatch):
    """Let the next draw see a key as pressed, once."""

    def press(key: str) -> None:
        waiting = [key]

        def draw(*_args, turns, **_options) -> str | None:
            pressed = waiting.pop() if waiting else None
            return turns[pressed]() if pressed in turns else pressed

        monkeypatch.setattr(keys, "keys", draw)

    return press


@pytest.fixture
def board(filled, monkeypatch):
    """Let the board report deeds in the next draw, once; returns what it was given to show, draw by draw."""

    def board(*deeds: dict, go: str = "") -> list[dict]:
        with reading(filled) as session:
            own = {"image": 1, "picture": images.get(session, 1).sha256}
        told = tuple({"id": f"deed-{next(NUMBER)}"} | own | deed for deed in deeds)
        waiting, shown = [Board(told, go)], []

        def draw(picture, cards, **options):
            shown.append({"picture": picture, "cards": cards, **options})
            return waiting.pop() if waiting else Board()

        monkeypatch.setattr(caption_board, "caption_board", draw)
        return shown

    return board


def _texts(filled, image_id: int = 1) -> dict[int, str]:
    with reading(filled) as session:
        return {view.caption.id: view.caption.text for view in captions.of_image(session, image_id)}


def test_a_card_says_what_is_named_how_long_it_is_and_where_it_comes_from(filled, board):
    shown = board()
    visit("caption", image="1")
    card = shown[0]["cards"][0]
    assert (card["covered"], card["tokens"], card["lost"], card["whence"]) == ("2/2 objects", "11/77", None, "by a person")
    box, wall = card["mentions"]
    assert [card["text"][: chip["end"]] for chip in box["chips"] + wall["chips"]] == ["a red", "a red box in front of a gray"]
    assert shown[0]["picture"]["outlines"][0]["mentions"] == [1, 3, 5]
    assert "M" in shown[0]["picture"]["outlines"][0]["path"]
    assert {"red", "box", "wall"} <= set(shown[0]["words"])


def test_words_that_the_encoder_does_not_read_begin_where_the_card_says(filled, board):
    with writing(filled) as session:
        captions.edit(session, 1, "a red box " * 30, actor="ann")
    shown = board()
    visit("caption", image="1")
    card = next(card for card in shown[0]["cards"] if card["id"] == 1)
    assert (card["tokens"], card["over"], card["lost"]) == ("92/77", True, 250)


def test_what_is_typed_is_saved_with_its_author_and_told_to_be_in_the_store(filled, board):
    shown = board({"kind": "write", "caption": 1, "text": "a red box and a blue floor "})
    visit("caption", image="1")
    assert _texts(filled)[1] == "a red box and a blue floor"
    assert len(shown[-1]["done"]) == 1


def test_a_deed_that_comes_twice_is_done_once(filled, board):
    deed = {"id": "twice", "kind": "level", "caption": 1, "level": "scarce"}
    board(deed, deed)
    visit("caption", image="1")
    with reading(filled) as session:
        assert [event.action for event in events.history(session, "caption", 1)].count("level") == 1


def test_a_deed_that_was_kept_for_another_store_is_refused(filled, board):
    board({"kind": "drop", "caption": 1, "picture": "0" * 64})
    app = visit("caption", image="1")
    assert "another store" in app.error[0].value
    assert 1 in _texts(filled)


def test_a_new_caption_is_added_at_the_level_that_the_rules_read(filled, board):
    board({"kind": "add", "level": "scarce", "text": " a red box"})
    app = visit("caption", image="1")
    with reading(filled) as session:
        added = captions.of_image(session, 1)[-1].caption
    assert (added.text, added.level, added.author) == ("a red box", "complete", "ann")
    assert "Read as ● complete" in app.toast[0].value


def test_a_caption_that_was_dropped_comes_back_by_being_written_again(filled, board):
    with writing(filled) as session:
        captions.drop(session, [2], actor="ann")
    board({"kind": "add", "level": "partial", "text": "a red box in front of a wall"})
    visit("caption", image="1")
    assert 2 in _texts(filled)


def test_a_text_that_the_image_has_already_is_refused_on_its_card(filled, board):
    shown = board({"id": "same", "kind": "write", "caption": 1, "text": "a box in front of a wall"})
    visit("caption", image="1")
    assert "already" in shown[-1]["refused"]["same"]
    assert _texts(filled)[1] == "a red box in front of a gray wall"


def test_a_person_overrules_the_level_and_gives_it_back(filled, board):
    shown = board({"kind": "level", "caption": 1, "level": "scarce"})
    visit("caption", image="1")
    card = next(card for card in shown[-1]["cards"] if card["id"] == 1)
    assert (card["level"], card["overruled"], card["whence"]) == ("scarce", True, "by a person · level by a person (rules: complete)")
    board({"kind": "level", "caption": 1, "level": None})
    visit("caption", image="1")
    with reading(filled) as session:
        assert captions.get(session, 1).level_origin == "rule"


def test_proposals_follow_more_of_them_when_asked_again_and_accepting_makes_one_count(filled, board):
    shown = board({"kind": "add", "level": "complete", "text": "a red box, a blue cup, a green lamp and a white wall"})
    visit("caption", image="1")
    source = max(card["id"] for card in shown[-1]["cards"])
    counts = []
    for _ in range(2):
        shown = board({"kind": "derive", "caption": source})
        visit("caption", image="1")
        counts.append(sum(card["proposed"] for card in shown[-1]["cards"]))
    assert counts[0] >= 4
    assert counts[1] > counts[0]
    proposed = next(card for card in shown[-1]["cards"] if card["proposed"])
    assert proposed["whence"] == "proposed, machine-made"
    board({"kind": "accept", "caption": proposed["id"]})
    visit("caption", image="1")
    with reading(filled) as session:
        assert captions.get(session, proposed["id"]).status == "accepted"


def test_z_takes_the_last_change_back_and_y_does_it_again(filled, board, press):
    before = _texts(filled)
    board({"kind": "drop", "caption": 2})
    app = visit("caption", image="1")
    assert 2 not in _texts(filled)
    press("z")
    app.run()
    assert _texts(filled) == before
    press("y")
    app.run()
    assert 2 not in _texts(filled)


def test_one_step_of_a_captions_history_is_taken_back_from_its_card(filled, board):
    shown = board({"kind": "write", "caption": 1, "text": "a teal box"})
    visit("caption", image="1")
    step = next(card for card in shown[-1]["cards"] if card["id"] == 1)["past"][0]
    assert "a red box in front of a gray wall → a teal box" in step["told"]
    board({"kind": "undo", "event": step["id"]})
    visit("caption", image="1")
    assert _texts(filled)[1] == "a red box in front of a gray wall"


def test_p_proposes_the_colors_that_the_picture_shows(filled, press):
    with writing(filled) as session:
        captions.edit(session, 9, "a box on a floor", actor="ann")
    press("p")
    visit("caption", image="3")
    with reading(filled) as session:
        [proposal] = [view.caption for view in captions.of_image(session, 3) if view.caption.status == "proposed"]
    assert proposal.text == "a blue box on a floor"


def test_all_proposals_of_what_matches_are_accepted_as_one_batch(filled, board):
    with writing(filled) as session:
        for image in images.find(session, "color:red,blue"):
            captions.derive(session, captions.of_image(session, image.id)[0].caption.id, author="rules")
        waiting = captions.matching(session, "status:proposed")
    app = visit("caption", q="color:red,blue")
    next(button for button in app.button if button.label == "Accept all").click().run()
    with reading(filled) as session:
        assert {captions.get(session, key).status for key in waiting} == {"accepted"}


def test_the_end_of_an_image_leads_to_the_next_and_the_arrow_keys_walk(filled, board, press):
    board({"kind": "accept", "caption": 3}, go="next")
    app = visit("caption", image="1")
    assert app.query_params["image"] == "2"
    press("ArrowLeft")
    assert visit("caption", image="2").query_params["image"] == "1"


def test_the_search_field_narrows_the_walk_and_stays_in_the_address(filled, board):
    app = visit("caption", image="1")
    shown = board()
    app.text_input[0].set_value("color:blue").run()
    assert app.query_params["q"] == "color:blue"
    assert "blue-box.png" in shown[-1]["picture"]["note"]
    assert "1 of 1 image" in "".join(element.value for element in app.caption)
