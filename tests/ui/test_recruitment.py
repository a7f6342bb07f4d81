"""Strangers by one link over HTTP: each person once, no more than there are places, and a code of its own for every ending."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.base import now
from db.enums import Outcome
from db.models import Invitation, Participant, Rater, Rating, RecruitmentLink, Study
from tests.stores import reading, writing
from tests.ui.rater_client import RaterClient, design
from tests.ui.visitors import RECRUITMENT, Visitor, stored
from workbench import studies
from workbench.rating import vision_tests
from workbench.studies import raters, recruitment


def test_nothing_is_stored_of_a_visitor_before_they_agree_nor_where_they_decline(filled, link):
    before = stored(filled, Rater)
    visitor = Visitor(filled, link, "p1")
    assert visitor.page().status_code == 200
    assert visitor.at_the_door()["step"] == "consent"
    told = visitor.client.post(f"/r/join/{link}/decline?{visitor.query}", json={}).json()
    assert told["outcome"] == "declined"
    assert (stored(filled, Rater), stored(filled, Participant)) == (before, 0)
    with reading(filled) as session:
        assert session.scalar(select(RecruitmentLink.declined)) == 1


def test_a_person_who_agrees_is_a_rater_with_the_parameters_of_the_address_and_what_was_agreed_to(filled, link):
    visitor = Visitor(filled, link, "p1")
    rater = visitor.enter()
    with reading(filled) as session:
        invitation = raters.authenticate(session, rater.token)
        participant = session.get_one(Participant, invitation.id)
        assert (participant.name, participant.parameters) == ("p1", {"STUDY_ID": "s1", "SESSION_ID": "x9"})
        assert invitation.consented_at is not None
        assert len(invitation.consent_sha256) == 64
        assert invitation.consent_version == "1"


@pytest.mark.slow
def test_the_same_person_comes_back_to_the_same_place_from_any_device_and_gets_no_second_one(filled, link):
    first = Visitor(filled, link, "p1").enter()
    told = first.get("next").json()
    first.post("vote", trial=told["trial"]["name"], choice=0, seconds=1)
    phone = Visitor(filled, link, "p1", SESSION_ID="other")
    page = phone.page()
    assert (page.status_code, page.headers["location"]) == (303, f"/r/{first.token}")
    assert phone.agree() == {"step": "moved", "to": first.token}
    assert RaterClient(phone.client, filled, first.token).get("next").json()["done"] == 1
    assert stored(filled, Participant) == 1


def test_a_cap_is_kept_and_who_is_turned_away_is_told_so_before_anything_else(filled, link):
    for name in ("p1", "p2"):
        Visitor(filled, link, name).enter()
    late = Visitor(filled, link, "p3")
    told = late.at_the_door()
    assert (told["outcome"], told["code"]) == ("quota_full", "CODE-quota_full")
    assert told["redirect"] == "https://platform.example/quota_full?cc=CODE-quota_full&who=p3"
    assert late.agree()["outcome"] == "quota_full"
    with reading(filled) as session:
        assert session.scalar(select(Participant).where(Participant.name == "p3")) is None
        assert session.scalar(select(RecruitmentLink.turned_away)) == 2


@pytest.mark.slow
def test_the_place_of_somebody_who_stays_away_goes_to_another_and_who_has_answered_goes_on_all_the_same(filled, link):
    idle, busy = (Visitor(filled, link, name).enter() for name in ("idle", "busy"))
    told = busy.get("next").json()
    busy.post("vote", trial=told["trial"]["name"], choice=0, seconds=1)
    with writing(filled) as session:
        for rater in (idle, busy):
            raters.authenticate(session, rater.token).seen_at = now() - timedelta(minutes=61)
    for name in ("new", "newer"):
        Visitor(filled, link, name).enter()
    assert idle.get("next").json()["outcome"] == "quota_full"
    assert busy.get("next").json()["step"] == "trial"


def test_nobody_is_let_in_where_all_ratings_that_are_wanted_are_given_or_promised(filled, link):
    with writing(filled) as session:
        session.get_one(Study, 1).votes_per_trial = 3  # two simulated raters have given two on each of four trials
        session.scalar(select(RecruitmentLink)).cap = None
    for name in ("p1", "p2"):  # two trials each: all that are wanted
        Visitor(filled, link, name).enter()
    assert Visitor(filled, link, "p3").at_the_door()["outcome"] == "quota_full"


@pytest.mark.slow
def test_every_ending_has_its_own_code_and_way_back(filled, link):
    with writing(filled) as session:
        session.scalar(select(RecruitmentLink)).cap = 9
    _, finished = Visitor(filled, link, "p1").finish()
    leaver = Visitor(filled, link, "p2").enter()
    withdrawn = leaver.post("withdraw", sure=True).json()
    design(filled, recruitment=RECRUITMENT, trials_per_rater=2, display="off", color_vision="require")
    blind = Visitor(filled, link, "p3").enter()
    screened = blind.post("vision", answers=[""] * len(vision_tests.PLATES)).json()
    told = {"completed": finished, "withdrawn": withdrawn, "screened_out": screened}
    for outcome, ending in told.items():
        assert (ending["outcome"], ending["code"]) == (outcome, f"CODE-{outcome}")
        assert ending["redirect"].startswith(f"https://platform.example/{outcome}?cc=CODE-{outcome}&who=p")
    # The same is told whenever the link is opened again.
    assert leaver.get("next").json()["code"] == "CODE-withdrawn"
    assert blind.get("next").json()["code"] == "CODE-screened_out"
    with reading(filled) as session:
        outcomes = session.scalars(select(Invitation.outcome).join(Participant, Participant.invitation_id == Invitation.id))
        assert set(outcomes) == {Outcome.COMPLETED, Outcome.WITHDRAWN, Outcome.SCREENED_OUT}


def test_codes_are_drawn_apart_where_the_design_names_none(filled, link):
    design(filled, recruitment={"participant": "PROLIFIC_PID"}, trials_per_rater=2, display="off", color_vision="off")
    _, finished = Visitor(filled, link, "p1").finish()
    other = Visitor(filled, link, "p2").enter()
    withdrawn = other.post("withdraw", sure=True).json()
    assert len({finished["code"], withdrawn["code"]}) == 2
    assert len(finished["code"]) == len(withdrawn["code"]) == 8


@pytest.mark.parametrize(
    ("query", "says"),
    [("", "lacks PROLIFIC_PID"), ("PROLIFIC_PID={{%PROLIFIC_PID%}}", "not filled in"), ("PROLIFIC_PID=" + "x" * 201, "too long"),
     ("PROLIFIC_PID=a%00b", "characters"), ("PROLIFIC_PID=p&assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE", "preview")],
)  # fmt: skip
def test_an_address_that_names_nobody_is_refused_in_a_sentence(client, filled, link, query, says):
    answer = client.get(f"/r/join/{link}/next?{query}")
    assert (answer.status_code, says in answer.json()["refused"]) == (422, True)
    assert says in client.get(f"/r/join/{link}?{query}").text


def test_a_link_that_is_taken_back_or_expired_lets_nobody_new_in_and_those_inside_go_on(filled, link):
    inside = Visitor(filled, link, "p1").enter()
    with writing(filled) as session:
        [row] = recruitment.links(session, 1)
        recruitment.revoke_link(session, row.id, actor="ann")
    assert Visitor(filled, link, "p2").at_the_door()["outcome"] == "quota_full"
    assert inside.get("next").json()["step"] == "trial"
    assert Visitor(filled, "guessed", "p2").page().status_code == 403


def test_without_a_name_a_browser_is_remembered_and_another_is_somebody_else(filled, link):
    design(filled, trials_per_rater=2, display="off", color_vision="off")
    visitor = Visitor(filled, link, "ignored")
    rater = visitor.enter()
    visitor.client.get(f"/r/{rater.token}")
    assert visitor.page().headers["location"] == f"/r/{rater.token}"
    other = Visitor(filled, link, "ignored").enter()
    assert other.token != rater.token


def test_one_agreement_that_is_sent_twice_makes_one_rater_also_where_no_platform_names_them(filled, link):
    design(filled, trials_per_rater=2, display="off", color_vision="off")
    with writing(filled) as session:
        session.scalar(select(RecruitmentLink)).cap = 9
    visitor, before = Visitor(filled, link, "ignored"), stored(filled, Participant)
    first, again = (visitor.post_consent(visit="ab" * 20) for _ in range(2))
    assert first == again
    assert stored(filled, Participant) == before + 1
    other = visitor.post_consent(visit="cd" * 20)
    assert other["to"] != first["to"]
    guessed = visitor.post_consent(visit="1")  # too short to be random: as if nothing had been said
    assert guessed["to"] not in (first["to"], other["to"])


@pytest.mark.slow
def test_who_is_recruited_when_the_study_closes_is_told_so_and_nothing_of_what_was_given_is_lost(filled, link):
    before = stored(filled, Rating)
    rater = Visitor(filled, link, "p1").enter()
    told = rater.get("next").json()
    told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    with writing(filled) as session:
        studies.close(session, 1, actor="ann")
    late = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    assert (late["step"], late["closed"], late["code"]) == ("ended", True, "CODE-quota_full")
    assert stored(filled, Rating) == before + 1
    with writing(filled) as session:
        studies.open_study(session, 1, actor="ann")
    assert rater.get("next").json()["trial"]["name"] == told["trial"]["name"]


def test_who_has_agreed_is_not_told_that_nothing_is_stored_of_them(filled, link):
    rater = Visitor(filled, link, "p1").enter()
    assert rater.post("decline").json()["step"] == "trial"


def test_numbers_that_no_page_sends_do_no_harm(client, filled):
    design(filled, display="record", color_vision="off")
    rater = RaterClient(client, filled, filled.tokens[0])
    rater.post("consent", agreed=True)
    told = rater.post("display", width=10**400, height=-(10**400)).json()
    facts = {"width": 10**400, "away": -(10**400), "load_seconds": 1e308}
    told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=10**400, viewing=facts, comment="a\0b").json()
    assert told["refused"] == "A comment is a text."
    told = rater.get("next").json()
    rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=10**400, viewing=facts)
    [vote] = rater.votes()
    assert (vote.seconds, vote.viewing) == (86400.0, {"width": 1e5, "away": 0.0, "load_seconds": 1e5})
