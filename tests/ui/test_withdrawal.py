"""Who withdraws, and what is stored of a person: told, taken away and forgotten, to the byte."""

import pytest

from db.models import Rater, Rating
from tests.stores import reading, writing
from tests.ui.rater_client import RaterClient, design
from tests.ui.visitors import RECRUITMENT, Visitor, stored
from workbench import open_store, studies
from workbench.studies import person_data, raters


@pytest.mark.slow
def test_who_withdraws_takes_the_answers_along_and_gives_the_place_back(filled, link):
    before = stored(filled, Rating)
    rater = Visitor(filled, link, "p1").enter()
    told = rater.get("next").json()
    rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1)
    assert rater.post("withdraw").status_code == 422
    assert rater.post("withdraw", sure=True).json()["deleted"] == 1
    assert stored(filled, Rating) == before
    for name in ("p2", "p3"):
        Visitor(filled, link, name).enter()
    assert "outcome" in rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    assert stored(filled, Rating) == before


@pytest.mark.slow
def test_a_design_may_keep_the_answers_of_who_withdraws(filled, link):
    design(filled, recruitment=RECRUITMENT, withdrawal="keep", trials_per_rater=2, display="off", color_vision="off")
    before = stored(filled, Rating)
    rater = Visitor(filled, link, "p1").enter()
    told = rater.get("next").json()
    rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1)
    assert rater.post("withdraw", sure=True).json()["deleted"] == 0
    assert stored(filled, Rating) == before + 1


def test_all_that_is_stored_of_a_person_can_be_told_and_no_token_is_in_it(filled, link):
    rater, _ = Visitor(filled, link, "p1").finish()
    with reading(filled) as session:
        invitation = raters.authenticate(session, rater.token)
        told = person_data.stored_of(session, invitation.rater_id)
    assert [row["name"] for row in told["participants"]] == ["p1"]
    assert len(told["ratings"]) == len(told["assignments"]) == 2
    assert "token_hash" not in str(told)
    assert told["events"][0]["action"] == "recruit"


@pytest.mark.slow
def test_a_forgotten_person_is_in_no_byte_of_the_database(filled, link):
    rater, _ = Visitor(filled, link, "unmistakable-participant").finish()
    files = [filled.home / f"workbench.sqlite{end}" for end in ("", "-wal")]
    with reading(filled) as session:
        invitation = raters.authenticate(session, rater.token)
        pseudonym = session.get_one(Rater, invitation.rater_id).pseudonym
        traces = [b"unmistakable-participant", pseudonym.encode(), invitation.token_hash.encode()]
        rater_id = invitation.rater_id
    kept = b"".join(path.read_bytes() for path in files if path.exists())
    assert all(trace in kept for trace in traces)
    with writing(filled) as session:
        person_data.forget(session, rater_id, actor="ann")
        engine = session.get_bind()
        left = studies.progress(session, 1).votes
    open_store._shared.cache_clear()
    person_data.clear_free_pages(engine)
    left_bytes = b"".join(path.read_bytes() for path in files if path.exists())
    assert not [trace for trace in traces if trace in left_bytes]
    with reading(filled) as session:
        assert studies.progress(session, 1).votes == left


@pytest.mark.slow
def test_who_withdraws_after_the_end_is_told_so_and_counts_as_withdrawn(client, filled):
    design(filled, display="off", color_vision="off", training=0)
    rater = RaterClient(client, filled, filled.tokens[0])
    told = rater.post("consent", agreed=True).json()
    while told["step"] == "trial":
        told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    assert told["outcome"] == "completed"
    told = rater.post("withdraw", sure=True).json()
    assert (told["outcome"], told["deleted"]) == ("withdrawn", 4)
    assert rater.get("next").json()["outcome"] == "withdrawn"
