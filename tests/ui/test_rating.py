"""The raters' page over HTTP: every step kept before the next is told, and nothing told but what is this rater's own."""

import io
import json

import PIL.Image
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.enums import TrialKind
from db.models import Colorization, Event, RatingValue, Stimulus, Trial
from tests.stores import reading, writing
from tests.ui.rater_client import SCREEN, RaterClient, design
from workbench import studies
from workbench.studies import endings, raters
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app


@pytest.fixture
def client(filled):
    return TestClient(Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()))


@pytest.fixture
def rater(client, filled):
    return RaterClient(client, filled, filled.tokens[0])


@pytest.mark.slow
def test_a_session_goes_from_consent_by_screening_and_trials_to_thanks_with_a_code(rater):
    assert rater.get("next").json()["step"] == "consent"
    assert rater.post("consent", agreed=False).status_code == 422
    assert rater.post("consent", agreed=True).json() == {"step": "display", "fields": ["dark", "bright"]}
    assert rater.post("display", **rater.counted(), **SCREEN).json() == {"step": "vision", "plates": 6}
    told = rater.post("vision", answers=rater.read()).json()
    shown = []
    while told["step"] == "trial":
        assert (told["done"], told["total"]) == (len(shown), 4)
        shown.append(told["trial"]["name"])
        told = rater.post("vote", trial=shown[-1], choice=0, seconds=1.5).json()
        assert len(rater.votes()) == len(shown)
    assert (told["step"], told["outcome"], told["redirect"]) == ("ended", "completed", "")
    assert len(told["code"]) == 8
    assert len(set(shown)) == 4
    with reading(rater.filled) as session:
        row = raters.authenticate(session, rater.token)
        assert row.consented_at is not None
        assert row.finished_at is not None
        assert endings.completion_code(session, row) == told["code"]
        assert row.screening["display"] == {"passed": True, "dark": True, "bright": True, "width": 1440.0, "height": 900.0,
                                            "pixel_ratio": 2.0, "gamut": "p3"}  # fmt: skip
        assert row.screening["color_vision"] == {"passed": True, "right": 6, "asked": 6, "missed": []}


@pytest.mark.slow
def test_the_answer_to_a_vote_brings_the_next_trial_and_the_one_before_named_its_pictures(rater):
    told = rater.begin()
    after = rater.post("vote", trial=told["trial"]["name"], choice=1, seconds=1).json()
    assert set(after["trial"]["pictures"]) <= set(told["preload"])
    for path in [*after["trial"]["pictures"], after["trial"]["source"], *after["preload"]]:
        assert rater.get(path).status_code == 200


def test_a_choice_is_by_place_and_kept_by_stimulus(rater):
    told = rater.begin()
    rater.post("vote", trial=told["trial"]["name"], choice=1, seconds=2.25)
    [vote] = rater.votes()
    assert (vote.stimulus_id, vote.seconds) == (vote.shown_order[1], 2.25)


def test_a_vote_sent_twice_is_kept_once_and_brings_the_same_trial(rater):
    told = rater.begin()
    answers = [rater.post("vote", trial=told["trial"]["name"], choice=choice, seconds=1).json() for choice in (0, 1)]
    assert answers[0]["trial"] == answers[1]["trial"]
    [vote] = rater.votes()
    assert vote.stimulus_id == vote.shown_order[0]


def test_nothing_that_is_told_or_sent_names_a_system_a_file_or_an_order(rater):
    told = rater.begin()
    with reading(rater.filled) as session:
        betrayals = {*session.scalars(select(Stimulus.system)), *session.scalars(select(Stimulus.media_key)), "box.png", "mini", "steps"}
    answer = rater.get("next")
    for betrayal in betrayals:
        assert betrayal not in answer.text
        assert betrayal.partition("/")[2] not in answer.text or "/" not in betrayal
    assert "id" not in json.dumps(told["trial"]).replace("side by side", "")
    kinds = []
    for path in [*told["trial"]["pictures"], told["trial"]["source"]]:
        picture = rater.get(path)
        headers = {name: value for name, value in picture.headers.items() if name != "content-length"}
        opened = PIL.Image.open(io.BytesIO(picture.content))
        kinds.append((headers, opened.format, opened.size, opened.mode, opened.info))
    assert all(kind == kinds[0] for kind in kinds)
    assert not {"etag", "last-modified", "content-disposition"} & set(kinds[0][0])


def test_the_gray_source_is_gray(rater):
    picture = PIL.Image.open(io.BytesIO(rater.get(rater.begin()["trial"]["source"]).content))
    red, green, blue = (channel.tobytes() for channel in picture.split())
    assert red == green == blue


def test_pictures_of_a_trial_are_alike_where_their_files_are_not(rater):
    with writing(rater.filled) as session:
        large = io.BytesIO()
        PIL.Image.new("RGB", (512, 384), "teal").save(large, "JPEG", comment=b"mini")
        key = rater.filled.media.put(large.getvalue(), ".jpg")
        for stimulus in session.scalars(select(Stimulus).where(Stimulus.position == 0)):
            stimulus.media_key = key
    told = rater.begin()
    shown = [PIL.Image.open(io.BytesIO(rater.get(path).content)) for path in told["trial"]["pictures"]]
    assert {(picture.format, picture.size) for picture in shown} == {("PNG", (128, 96))}


def test_steps_that_the_design_leaves_out_are_not_asked(rater):
    design(rater.filled, color_vision="off", display="off", consent="Just look.")
    assert rater.get("next").json()["text"] == "Just look."
    assert rater.post("consent", agreed=True).json()["step"] == "trial"


def test_a_comment_and_how_the_pictures_were_seen_are_kept_with_the_answer(rater):
    told = rater.begin()
    viewing = {
        "width": 480.5,
        "height": 360,
        "away": 1,
        "away_seconds": 2.5,
        "pixel_ratio": 2,
        "hidden": False,
        "cookie": "x",
        "load_seconds": "y",
    }
    rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1, comment="  too blue ", viewing=viewing)
    [vote] = rater.votes()
    assert vote.comment == "too blue"
    assert vote.viewing == {"width": 480.5, "height": 360.0, "away": 1.0, "away_seconds": 2.5, "pixel_ratio": 2.0, "hidden": False}


def test_practice_tells_what_was_expected(rater):
    with writing(rater.filled) as session:
        trial = session.scalar(select(Trial).order_by(Trial.id))
        trial.kind = TrialKind.TRAINING
        for stimulus in session.scalars(select(Stimulus).where(Stimulus.trial_id == trial.id)):
            stimulus.is_answer = stimulus.position == 0
    told = rater.begin()
    assert told["trial"]["practice"]
    after = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    right = after["feedback"]["places"]
    assert after["feedback"]["right"] == (right == [0])
    assert "feedback" not in rater.post("vote", trial=after["trial"]["name"], choice=0, seconds=1).json()


@pytest.mark.slow
def test_a_rest_is_offered_after_as_many_trials_as_the_design_says(rater):
    design(rater.filled, break_every=2)
    told = rater.begin()
    rests = []
    while told["step"] == "trial":
        rests.append(told["rest"])
        told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
    assert rests == [False, False, True, False]


@pytest.mark.slow
def test_the_last_answer_is_taken_back_where_the_design_allows_it_and_the_history_keeps_it(rater):
    told = rater.begin()
    rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1)
    assert "final" in rater.post("back").json()["refused"]
    design(rater.filled, back=True)
    assert rater.get("next").json()["back"] is True
    [first] = rater.votes()
    before = rater.post("back").json()
    assert (before["trial"]["name"], before["again"]) == (told["trial"]["name"], True)
    rater.post("vote", trial=before["trial"]["name"], choice="tie", seconds=3)
    [vote] = rater.votes()
    assert (vote.is_tie, vote.stimulus_id, vote.seconds) == (True, None, 3)
    assert vote.rated_at > first.rated_at, "results are computed anew, and the answer was given in the time since the trial was shown"
    with reading(rater.filled) as session:
        event = session.scalar(select(Event).where(Event.action == "revise"))
    assert event.before["stimulus_id"] == vote.shown_order[0]


@pytest.mark.parametrize("method", ["ranking", "category"])
@pytest.mark.slow
def test_ranks_and_marks_are_given_by_places(client, filled, method):
    with writing(filled) as session:
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        rules = {"scales": [{"name": "naturalness"}, {"name": "bleeding"}]} if method == "category" else {}
        study = studies.create(session, name=method, question="How?", method=method, votes_per_trial=1, design=rules)
        studies.add_sets(session, study, made, between=["checkpoint"])
        studies.open_study(session, study.id, actor="ann")
        [(_, token)] = studies.invite(session, study.id, 1)
    rater = RaterClient(client, filled, token)
    told = rater.begin()
    choice = [2, 1] if method == "ranking" else [{"naturalness": 4, "bleeding": 2}]
    assert rater.post("vote", trial=told["trial"]["name"], choice=0).status_code == 422
    assert rater.post("vote", trial=told["trial"]["name"], choice=choice, seconds=2).json()["step"] == "trial"
    [vote] = rater.votes()
    with reading(filled) as session:
        values = [(value.stimulus_id, value.scale, value.value) for value in session.scalars(select(RatingValue))]
    if method == "ranking":
        assert set(values) == {(vote.shown_order[0], "rank", 2), (vote.shown_order[1], "rank", 1)}
    else:
        assert set(values) == {(vote.shown_order[0], "naturalness", 4), (vote.shown_order[0], "bleeding", 2)}


def test_the_page_comes_with_a_cookie_for_raters_and_without_one_for_a_curators_own_link(client, filled):
    page = client.get(f"/r/{filled.tokens[0]}")
    assert page.headers["set-cookie"].startswith(f"workbench_rater={filled.tokens[0]};")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    with writing(filled) as session:
        [(_, token)] = raters.invite(session, 1, 1, cohort="curator: ann")
    assert "set-cookie" not in client.get(f"/r/{token}").headers


def test_the_parts_of_the_page_are_there_and_no_other_file_is(client):
    for name in (
        "page.css",
        "rating_flow.js",
        "dom.js",
        "keys.js",
        "screening_steps.js",
        "trial.js",
        "picture_view.js",
        "answer_controls.js",
        "endings.js",
        "picture_loading.js",
        "viewing.js",
    ):
        assert client.get(f"/r/page/{name}").status_code == 200
    for name in ("page.html", "none.js", "__init__.py"):
        assert client.get(f"/r/page/{name}").status_code == 404
    assert client.get("/r/page/../rating.py").status_code == 403
    assert client.get("/r/page/..%2Frating.py").status_code in (403, 404)
