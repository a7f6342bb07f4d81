"""The raters' page in a real browser: from consent to thanks on two devices, by keys and by touch; and nothing else is reached."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from db.base import now
from db.models import Colorization, Invitation, Participant, Rating, RatingValue
from tests.e2e.rater_steps import begin, ready, screen
from tests.e2e.serving import PHONE
from tests.stores import Filled, reading, writing
from tests.ui.test_pages import PAGES
from workbench import studies
from workbench.studies import endings, raters, recruitment

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def store(store) -> Filled:
    """The filled store, whose study wants ratings of every rater here."""
    with writing(store) as session:
        studies.get(session, 1).votes_per_trial = 50
    return store


def invited(store: Filled, count=1, **options) -> list[str]:
    with writing(store) as session:
        return [token for _, token in raters.invite(session, 1, count, **options)]


def at_the_first_trial(address: str, store: Filled, device) -> tuple[Page, str]:
    """A browser in which a fresh link has come through its screening, and the link's token."""
    [token] = invited(store)
    page = device()
    page.goto(f"{address}/r/{token}")
    screen(page, store, token)
    begin(page)
    ready(page, "1 / 4")
    return page, token


def test_a_session_begins_by_keys_on_one_device_and_ends_by_touch_on_another(address, store, device, requests):
    token = store.tokens[0]
    desk = device()
    desk.goto(f"{address}/r/{token}")
    screen(desk, store, token)
    begin(desk)
    for number, key in ((1, "1"), (2, "0")):
        ready(desk, f"{number} / 4")
        desk.keyboard.press(key)
    ready(desk, "3 / 4")
    phone = device(viewport=PHONE, has_touch=True, is_mobile=True)
    phone.goto(f"{address}/r/{token}")
    ready(phone, "3 / 4")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="right").tap()
    ready(phone, "4 / 4")
    phone.get_by_role("button", name="no difference").tap()
    expect(phone.get_by_role("heading", name="Thank you")).to_be_visible()
    with reading(store) as session:
        row = raters.authenticate(session, token)
        votes = list(session.scalars(select(Rating).where(Rating.rater_id == row.rater_id).order_by(Rating.id)))
        expect(phone.locator("output")).to_have_text(endings.completion_code(session, row))
        assert row.screening["color_vision"]["passed"]
        assert row.screening["display"]["passed"]
    assert [vote.is_tie for vote in votes] == [False, True, False, True]
    assert votes[0].stimulus_id == votes[0].shown_order[0]
    assert votes[2].stimulus_id == votes[2].shown_order[1]
    assert all(0 < vote.seconds < 60 for vote in votes)
    # The desk, left on the third trial, sends an answer that is there already: nothing is lost, nothing doubled.
    desk.keyboard.press("1")
    expect(desk.get_by_role("heading", name="Thank you")).to_be_visible()
    with reading(store) as session:
        assert session.get(Rating, votes[2].id).stimulus_id == votes[2].stimulus_id
    assert all("/r/" in url for url in requests if url.startswith("http"))


def test_looking_has_keys_and_nothing_is_answered_while_flipped(address, store, device):
    page, _token = at_the_first_trial(address, store, device)
    board, first = page.locator(".board"), page.locator(".place img").first
    before = first.get_attribute("src")
    page.keyboard.down("f")
    expect(board).to_have_class(re.compile("flipped"))
    assert first.get_attribute("src") != before
    page.keyboard.press("1")
    page.keyboard.up("f")
    assert first.get_attribute("src") == before
    expect(page.locator(".progress")).to_have_text("1 / 4")
    page.keyboard.press("z")
    expect(board).to_have_class(re.compile("zoomed"))
    page.keyboard.press("z")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of this page")
    for does in ("left", "right", "no difference", "hold: flip", "zoom"):
        expect(keys).to_contain_text(does)
    page.keyboard.press("2")  # nothing is answered behind the overlay
    page.keyboard.press("?")
    expect(keys).to_be_hidden()
    expect(page.locator(".progress")).to_have_text("1 / 4")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(119, 119, 119)"
    # The next pictures are there before they are asked for.
    waiting = page.evaluate("performance.getEntriesByType('resource').filter(({ name }) => name.includes('/see/')).length")
    assert waiting >= 2 * 3


def test_a_vote_that_cannot_be_sent_is_sent_again_until_it_is_kept(address, store, device):
    page, token = at_the_first_trial(address, store, device)
    page.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#notice")).to_contain_text("Not saved yet")
    page.context.set_offline(False)
    ready(page, "2 / 4")
    with reading(store) as session:
        rater_id = raters.authenticate(session, token).rater_id
        assert len(list(session.scalars(select(Rating).where(Rating.rater_id == rater_id)))) == 1


def test_double_clicks_agree_once_and_answer_one_question_at_a_time(address, store, page):
    rules = {"display": "off", "color_vision": "off", "least_viewing_ms": 0, "further": [{"name": "nature", "question": "More natural?"}]}
    with writing(store) as session:
        study = studies.create(session, name="hasty", question="Which?", method="pair", votes_per_trial=9, design=rules)
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        studies.add_pairs(session, study, made, between=["checkpoint"])
        studies.open_study(session, study.id, actor="ann")
        study_id, (_, link) = study.id, recruitment.create_link(session, study.id, actor="ann")
    page.goto(f"{address}/r/join/{link}")
    page.get_by_role("button", name="I agree").dblclick()
    begin(page)
    ready(page, re.compile("^1 /"))
    page.get_by_role("button", name="left").dblclick()
    expect(page.get_by_role("heading", name="More natural?")).to_be_visible()
    page.locator(".board:not(.early)").wait_for()
    page.get_by_role("button", name="right").dblclick()
    ready(page, re.compile("^2 /"))
    with reading(store) as session:
        [participant] = session.scalars(select(Participant).where(Participant.study_id == study_id))
        rater_id = session.get_one(Invitation, participant.invitation_id).rater_id
        [vote] = session.scalars(select(Rating).where(Rating.rater_id == rater_id))
        values = session.scalars(select(RatingValue).where(RatingValue.rating_id == vote.id))
        nature = {value.stimulus_id: value.value for value in values}
    left, right = vote.shown_order
    assert (vote.stimulus_id, nature) == (left, {left: 2, right: 1})


@pytest.mark.parametrize(
    ("method", "view", "keys"),
    [("pair", "flip", ["f", "2"]), ("pair", "slider", ["1"]), ("choice", None, ["2"]), ("ranking", None, [*"253416", "Enter"]),
     ("category", None, ["4", "2", "Backspace", "5", "1", "Enter"])],
)  # fmt: skip
def test_every_method_and_view_is_answered_by_keys_alone(address, store, device, method, view, keys):
    name = f"{method} {view}"
    with writing(store) as session:
        rules = {"display": "off", "color_vision": "off"} | ({"view": view} if view else {})
        if method == "category":
            rules["scales"] = [{"name": "naturalness", "low": "unnatural", "high": "natural"}, {"name": "bleeding"}]
        study = studies.create(session, name=name, question="How?", method=method, votes_per_trial=9, design=rules)
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        add = studies.add_pairs if method == "pair" else studies.add_sets
        add(session, study, made, between=["checkpoint", "level"] if method in ("choice", "ranking") else ["checkpoint"])
        studies.open_study(session, study.id, actor="ann")
        [(rater, token)] = studies.invite(session, study.id, 1)
    page = device()
    page.goto(f"{address}/r/{token}")
    page.get_by_role("button", name="I agree").wait_for()
    page.keyboard.press("Enter")
    begin(page)
    ready(page, re.compile("^1 /"))
    for key in keys:
        page.keyboard.press(key)
    ready(page, re.compile("^2 /"))
    with reading(store) as session:
        [vote] = session.scalars(select(Rating).where(Rating.rater_id == rater.id))
        values = list(session.scalars(select(RatingValue).where(RatingValue.rating_id == vote.id)))
    if method in ("pair", "choice"):
        assert vote.stimulus_id == vote.shown_order[int(keys[-1]) - 1]
    elif method == "ranking":
        places = {value.stimulus_id: value.value for value in values}
        assert [places[stimulus_id] for stimulus_id in vote.shown_order] == [5, 1, 3, 4, 2, 6]
    else:
        assert {value.scale: value.value for value in values} == {"naturalness": 5, "bleeding": 1}


def test_links_that_open_nothing_are_refused_in_a_sentence(address, store, device):
    [late] = invited(store, expires_at=now() - timedelta(seconds=1))
    [gone, out] = invited(store, 2)
    with writing(store) as session:
        raters.revoke(session, raters.authenticate(session, gone).id, actor="ann")
        row = raters.authenticate(session, out)
        raters.exclude(session, row.study_id, row.rater_id, "asked to leave", actor="ann")
    for token, says in (("guessed", "not known"), (late, "expired"), (gone, "taken back"), (out, "has ended")):
        page = device()
        assert page.goto(f"{address}/r/{token}").status == 403
        expect(page.get_by_text(re.compile(says))).to_be_visible()
        assert page.locator(".board").count() == 0
        assert page.context.cookies() == []


def test_a_link_that_is_revoked_meanwhile_takes_no_vote(address, store, device):
    page, token = at_the_first_trial(address, store, device)
    with writing(store) as session:
        row = raters.authenticate(session, token)
        raters.revoke(session, row.id, actor="ann")
    page.keyboard.press("1")
    expect(page.get_by_text("This invitation was taken back")).to_be_visible()
    with reading(store) as session:
        assert not list(session.scalars(select(Rating).where(Rating.rater_id == row.rater_id)))


def test_trials_and_pictures_of_another_study_are_refused_to_a_token(address, store, device):
    with writing(store) as session:
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        study = studies.create(
            session, name="other", question="?", method="pair", votes_per_trial=1, design={"display": "off", "color_vision": "off"}
        )
        studies.add_pairs(session, study, made, between=["checkpoint"])
        studies.open_study(session, study.id, actor="ann")
        [(_, other)] = studies.invite(session, study.id, 1)
    [mine] = invited(store)
    page = device()
    request = page.context.request
    told = request.post(f"{address}/r/{other}/consent", data={"agreed": True}).json()
    trial = told["trial"]
    answer = request.post(f"{address}/r/{mine}/vote", data={"trial": trial["name"], "choice": 0})
    assert (answer.status, "not before you" in answer.json()["refused"]) == (403, True)
    page.goto(f"{address}/r/{mine}/{trial['pictures'][0]}")
    expect(page.get_by_text("not part of a trial that is before you")).to_be_visible()
    assert request.get(f"{address}/r/{other}/{trial['pictures'][0]}").status == 200


def test_no_other_address_opens_in_a_raters_browser(address, store, device):
    page = device()
    page.goto(f"{address}/r/{store.tokens[1]}")
    page.get_by_role("button", name="I agree").wait_for()
    with reading(store) as session:
        key = session.scalar(select(Colorization.media_key))
    others = (
        "",
        *PAGES,
        "?token=x",
        "rate?study=1",
        f"pictures/full/{key}",
        f"pictures/gray/256/{key}",
        "_stcore/health",
        "docs",
        "static/x",
    )
    for path in others:
        assert page.goto(f"{address}/{path}").status == 403, path
        expect(page.get_by_role("heading", name="This page is not part of your invitation")).to_be_visible()
        assert page.locator('[data-testid="stApp"]').count() == 0
    page.get_by_role("link", name="Go on rating").click()
    page.get_by_role("button", name="I agree").wait_for()
    closed = page.evaluate(
        "() => new Promise((done) => { const socket = new WebSocket(`ws://${location.host}/_stcore/stream`);"
        " socket.onclose = () => done(true); socket.onopen = () => done(false); })"
    )
    assert closed


def test_a_curator_rates_from_their_own_pages_and_can_go_back_to_them(address, store, device):
    page = device()
    page.goto(f"{address}/rate?study=1")
    page.get_by_role("button", name="Rate", exact=True).first.click()
    page.get_by_role("button", name="I agree").wait_for()
    page.goto(f"{address}/studies")
    expect(page.get_by_role("heading", name="Studies", exact=True)).to_be_visible()
