"""What raters are asked of themselves, over HTTP: before the first trial and after the last, each answer theirs to leave out."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.models import Study
from tests.stores import reading, writing
from tests.ui.rater_client import RaterClient, design
from workbench.reports.beside import beside_of
from workbench.studies import person_data, raters
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app

ASKED = {
    "before": ["age_group", {"name": "years", "question": "Years in the trade?", "kind": "number"}],
    "after": [{"name": "room", "question": "How is your room lit?", "choices": ["day", "lamp"]},
              {"name": "remarks", "question": "Anything else?", "kind": "long text"}],
}  # fmt: skip


@pytest.fixture
def client(filled):
    return TestClient(Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()))


@pytest.fixture
def rater(client, filled):
    """A rater who has agreed to a study of two trials with questions before and after."""
    design(filled, questionnaire=ASKED, trials_per_rater=2, display="off", color_vision="off")
    one = RaterClient(client, filled, filled.tokens[0])
    one.post("consent", agreed=True)
    return one


def kept(rater):
    with reading(rater.filled) as session:
        return raters.authenticate(session, rater.token).questionnaire


def vote_until_asked(rater):
    told = rater.get("next").json()
    while told["step"] == "trial":
        told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    return told


@pytest.mark.slow
def test_questions_come_before_the_first_trial_and_after_the_last_and_the_code_comes_behind_them(rater):
    told = rater.get("next").json()
    assert (told["step"], told["part"]) == ("questionnaire", "before")
    assert [question["question"] for question in told["questions"]] == ["How old are you, in years?", "Years in the trade?"]
    assert told["questions"][0]["choices"][0] == {"value": "18–24", "label": "18–24"}
    assert rater.post("questionnaire", part="before", answers={"age_group": "25–34", "years": 4.5}).json()["step"] == "trial"
    told = vote_until_asked(rater)
    assert (told["step"], told["part"]) == ("questionnaire", "after")
    assert rater.get("next").json()["part"] == "after"  # as long as they were not put aside
    ended = rater.post("questionnaire", part="after", answers={"room": "lamp", "remarks": " =1+1 "}).json()
    assert (ended["step"], ended["outcome"]) == ("ended", "completed")
    assert kept(rater) == {"before": {"age_group": "25–34", "years": 4.5}, "after": {"room": "lamp", "remarks": "=1+1"}}
    with reading(rater.filled) as session:
        told = beside_of(session, 1).files["questionnaire.csv"]
        [invitation] = person_data.stored_of(session, raters.authenticate(session, rater.token).rater_id)["invitations"]
    assert ",after,remarks,Anything else?,'=1+1" in told
    assert invitation["questionnaire"]["after"]["room"] == "lamp"


@pytest.mark.slow
def test_every_question_can_be_left_out_and_what_was_said_first_stays(rater):
    rater.post("questionnaire", part="before", answers={})
    rater.post("questionnaire", part="before", answers={"age_group": "18–24"})
    assert kept(rater) == {"before": {}}
    assert vote_until_asked(rater)["part"] == "after"
    assert rater.post("questionnaire", part="after", answers={"room": ""}).json()["outcome"] == "completed"
    assert kept(rater) == {"before": {}, "after": {}}


@pytest.mark.slow
def test_the_questions_after_are_asked_of_who_finished_though_the_study_has_closed(rater):
    rater.post("questionnaire", part="before", answers={})
    vote_until_asked(rater)
    with writing(rater.filled) as session:
        session.get_one(Study, 1).status = "closed"
    assert rater.get("next").json()["part"] == "after"
    assert rater.post("questionnaire", part="after", answers={}).json()["outcome"] == "completed"


@pytest.mark.parametrize(
    ("part", "answers", "says"),
    [
        ("between", {}, "with its part"), ("before", ["25–34"], "with its part"), ("before", {"income": "9"}, "does not ask 'income'"),
        ("before", {"age_group": "old"}, "one of its choices"), ("before", {"age_group": 4}, "is a text"),
        ("before", {"years": "4"}, "is a number"), ("before", {"years": True}, "is a number"),
        ("before", {"years": 10**400}, "is a number"),
        ("after", {"remarks": "a\0b"}, "is a text"),
    ],
)  # fmt: skip
def test_what_no_question_takes_is_refused_and_nothing_is_kept(rater, part, answers, says):
    answer = rater.post("questionnaire", part=part, answers=answers)
    assert (answer.status_code, says in answer.json()["refused"]) == (422, True)
    assert kept(rater) == {}


@pytest.mark.slow
def test_who_withdraws_or_is_forgotten_takes_the_answers_along(rater):
    rater.post("questionnaire", part="before", answers={"age_group": "25–34"})
    rater.post("withdraw", sure=True)
    with reading(rater.filled) as session:
        invitation, _ = raters.place_of(session, rater.token)
        assert invitation.questionnaire == {}
        assert "25–34" not in str(person_data.stored_of(session, invitation.rater_id))


def test_the_page_and_its_refusals_speak_the_language_of_the_study(client, filled):
    design(filled, language="de", recruitment={"participant": "PROLIFIC_PID"})
    page = client.get(f"/r/{filled.tokens[0]}")
    assert '<html lang="de" dir="ltr">' in page.text
    assert "Ich willige ein und möchte anfangen" in page.text
    assert client.get(f"/r/{filled.tokens[0]}/next").json()["text"].startswith("Sie sehen Bilder")
    assert "kein Unterschied" in page.text
    refused = client.post(f"/r/{filled.tokens[0]}/consent", json={}).json()["refused"]
    assert refused == "Ohne Ihre Einwilligung beginnt nichts."
    with writing(filled) as session:
        raters.revoke(session, raters.authenticate(session, filled.tokens[0]).id, actor="ann")
    refused = client.get(f"/r/{filled.tokens[0]}")
    assert "Diese Einladung wurde zurückgenommen" in refused.text
    assert '<html lang="de" dir="ltr">' in refused.text
    assert '<html lang="en" dir="ltr">' in client.get("/r/guessed").text
