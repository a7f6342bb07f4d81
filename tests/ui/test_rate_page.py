"""A rater with a link sees their own trials and nothing else, and a vote is in the store before the next trial."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.models import Rating
from tests.ui.conftest import reading, texts, visit, writing
from tests.ui.test_pages import PAGES
from workbench import studies
from workbench.ui.components import rating_board
from workbench.ui.components.rating_board import Answer


@pytest.fixture
def board(monkeypatch):
    """What the board was last shown, with its way to answer."""
    shown = {}
    monkeypatch.setattr(rating_board, "rating_board", lambda trial, **options: shown.update(options, trial=trial))
    return shown


def test_a_link_opens_the_next_trial_at_once(filled, board):
    app = visit("rate", token=filled.tokens[0])
    assert board["progress"] == (1, 4)
    assert len(board["stimuli"]) == 2
    assert not app.error


def test_nothing_of_a_trial_names_a_system_or_a_file(filled, board):
    visit("rate", token=filled.tokens[0])
    shown = str({name: value for name, value in board.items() if name not in ("source", "on_answer")})
    assert "mini" not in shown
    assert "box.png" not in shown


def test_the_gray_source_does_not_lead_to_the_original(filled, board):
    visit("rate", token=filled.tokens[0])
    assert board["source"].startswith("data:image/webp;base64,")


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("home", "rate")])
def test_every_other_page_is_refused_to_a_rater(filled, name):
    app = visit("rate", token=filled.tokens[0])
    with pytest.raises(ValueError, match=name):
        app.switch_page(f"workbench/ui/pages/{name}.py")


def test_a_wrong_token_is_refused_in_a_sentence(filled):
    app = visit("rate", token="guessed")
    assert [error.value for error in app.error] == ["This link is not known here; ask for a new invitation."]


def test_a_link_that_was_taken_back_is_refused(filled):
    with writing(filled) as session:
        studies.revoke(session, studies.authenticate(session, filled.tokens[1]).id, actor="ann")
    assert "taken back" in visit("rate", token=filled.tokens[1]).error[0].value


def test_a_curator_chooses_an_open_study_and_keeps_one_place_in_it(filled, board):
    app = visit("rate")
    app.button[0].click().run()
    assert app.query_params["study"] == "1"
    visit("rate", study="1")
    with reading(filled) as session:
        mine = [invitation for invitation, _ in studies.invitations(session, 1) if invitation.cohort == "curator: ann"]
    assert len(mine) == 1


def test_an_answer_is_a_vote_in_the_store_with_its_time_and_the_next_trial_shows(filled, board):
    app = visit("rate", token=filled.tokens[0])
    shown_at = datetime(2024, 5, 1, 12, tzinfo=UTC)
    board["on_answer"](Answer(board["trial"], board["stimuli"][1][0], 2.5, shown_at))
    first = board["trial"], board["stimuli"][1][0]
    app.run()
    with reading(filled) as session:
        rater = studies.authenticate(session, filled.tokens[0]).rater_id
        [vote] = session.scalars(select(Rating).where(Rating.rater_id == rater))
    assert (vote.trial_id, vote.stimulus_id, vote.seconds, vote.shown_at) == (*first, 2.5, shown_at)
    assert board["progress"] == (2, 4)


def test_when_all_is_answered_the_rater_is_thanked(filled, board):
    app = visit("rate", token=filled.tokens[0])
    for _ in range(4):
        assert "Thank you" not in texts(app)
        board["on_answer"](Answer(board["trial"], "tie", 1.0, datetime.now(UTC)))
        app.run()
    assert "Thank you" in texts(app)


def test_values_from_the_browser_are_keyed_by_stimulus_again():
    assert rating_board._choice({"7": {"quality": 3}}) == {7: {"quality": 3}}
    assert rating_board._choice("tie") == "tie"
