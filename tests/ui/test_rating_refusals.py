"""What the raters' page refuses: links that open nothing, answers that cannot be, checks that are not passed."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.base import now
from db.models import Invitation
from tests.stores import reading, writing
from tests.ui.rater_client import RaterClient, design
from workbench import studies
from workbench.rating import vision_tests
from workbench.studies import raters
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app


@pytest.fixture
def client(filled):
    return TestClient(Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()))


@pytest.fixture
def rater(client, filled):
    return RaterClient(client, filled, filled.tokens[0])


@pytest.mark.parametrize("token", ["guessed", "x" * 32, "..", "%00"])
def test_a_token_that_is_not_known_opens_nothing(client, filled, token):
    page = client.get(f"/r/{token}")
    assert page.status_code in (403, 404)
    assert "set-cookie" not in page.headers
    assert client.get(f"/r/{token}/next").status_code in (403, 404)
    assert client.post(f"/r/{token}/vote", json={"trial": "x", "choice": 0}).status_code in (403, 404)


def test_an_expired_and_a_revoked_token_open_nothing_with_a_sentence_that_says_why(rater):
    told = rater.begin()
    with writing(rater.filled) as session:
        row = raters.authenticate(session, rater.token)
        row.expires_at = now() - timedelta(seconds=1)
    for answer in (rater.get("next"), rater.post("vote", trial=told["trial"]["name"], choice=0)):
        assert (answer.status_code, answer.json()["refused"]) == (403, "This invitation has expired; ask for a new one.")
    assert rater.get(told["trial"]["pictures"][0]).status_code == 403
    with writing(rater.filled) as session:
        row = session.scalar(select(Invitation).where(Invitation.expires_at.is_not(None)))
        row.expires_at = None
        raters.revoke(session, row.id, actor="ann")
    assert "taken back" in rater.client.get(f"/r/{rater.token}").text
    assert rater.get("next").status_code == 403


@pytest.mark.slow
def test_trials_and_pictures_of_another_rater_are_refused(client, filled):
    mine, other = (RaterClient(client, filled, token) for token in filled.tokens[:2])
    told, theirs = mine.begin(), other.begin()
    answer = mine.post("vote", trial=theirs["trial"]["name"], choice=0)
    assert (answer.status_code, "not before you" in answer.json()["refused"]) == (403, True)
    assert mine.get(theirs["trial"]["pictures"][0]).status_code == 404
    assert not mine.votes()
    assert mine.get(told["trial"]["pictures"][0]).status_code == 200


@pytest.mark.parametrize(
    ("vote", "says"),
    [
        ({"choice": 2}, "none of the pictures"),
        ({"choice": True}, "none of the pictures"),
        ({"choice": {"0": 1}}, "none of the pictures"),
        ({"choice": [1, 2, 3]}, "each picture"),
        ({"choice": 0, "seconds": -1}, "count from 0"),
        ({"choice": 0, "seconds": "long"}, "number"),
        ({"choice": 0, "seconds": 0.3}, "0.5 seconds at least"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_and_nothing_is_kept(rater, vote, says):
    told = rater.begin()
    answer = rater.post("vote", trial=told["trial"]["name"], **vote)
    assert (answer.status_code, says in answer.json()["refused"]) == (422, True)
    assert not rater.votes()


@pytest.mark.parametrize("choice", [[0, 1], [5, 6], {"1": 2}, ["left", "right"], [[1], [2]], "x", None, 1.0e300, [True, False]])
def test_a_refusal_tells_no_id_of_a_stimulus_and_no_order(rater, choice):
    """Found by trial: the refusal of a list named the stimuli's ids, which followed the order of the systems."""
    told = rater.begin()
    refused = rater.post("vote", trial=told["trial"]["name"], choice=choice).json()["refused"]
    assert not re.search(r"\d", refused)


@pytest.mark.parametrize("name", ["\ud800", "a\0", "x" * 5000, 7, None, ["a"], {"a": 1}])
def test_a_trial_of_no_possible_name_is_not_before_the_rater(rater, name):
    rater.begin()
    answer = rater.client.post(f"/r/{rater.token}/vote", content=json.dumps({"trial": name, "choice": 0}))
    assert (answer.status_code, "not before you" in answer.json()["refused"]) == (403, True)


def test_what_is_no_json_or_too_long_is_refused(rater):
    for content in (b"{", b"[]", b" " * 30_000):
        assert rater.client.post(f"/r/{rater.token}/vote", content=content).status_code == 422


def test_a_closed_study_says_so_and_goes_on_where_it_was_when_it_is_opened_again(rater):
    told = rater.begin()
    with writing(rater.filled) as session:
        studies.close(session, 1, actor="ann")
    answer = rater.post("vote", trial=told["trial"]["name"], choice=0)
    assert (answer.status_code, "takes no" in answer.json()["refused"]) == (409, True)
    with writing(rater.filled) as session:
        studies.open_study(session, 1, actor="ann")
    assert rater.get("next").json()["trial"] == told["trial"]


def test_a_screening_that_is_required_ends_the_session_and_one_that_is_recorded_does_not(client, filled):
    design(filled, color_vision="require")
    mine, other = (RaterClient(client, filled, token) for token in filled.tokens[:2])
    mine.post("consent", agreed=True)
    mine.post("display", dark=0, bright=0)
    blind = [plate.digit if plate.kind != "protan" else "" for plate in vision_tests.plates_of(mine.plate_set())]
    told = mine.post("vision", answers=blind).json()
    assert (told["step"], told["outcome"]) == ("ended", "screened_out")
    assert mine.get("next").json() == told
    assert mine.post("vote", trial="any", choice=0).json() == told
    with reading(filled) as session:
        row = session.scalar(select(Invitation).where(Invitation.excluded_at.is_not(None)))
    assert "color vision check" in row.exclusion_reason
    assert row.screening["color_vision"] == {"passed": False, "right": 3, "asked": 6, "missed": ["protan"] * 3}
    assert row.screening["display"]["passed"] is False
    assert other.begin()["step"] == "trial"


def test_the_first_outcome_of_a_screening_stays(rater):
    rater.post("consent", agreed=True)
    rater.post("display", dark=0, bright=0)
    rater.post("display", **rater.counted())
    with reading(rater.filled) as session:
        assert raters.authenticate(session, rater.token).screening["display"]["passed"] is False
