"""A crowd by one link: forty people, of whom some drop out, are screened out, withdraw, decline or come too late; no vote is lost."""

import re
from collections import Counter
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from db.base import now
from db.enums import Outcome
from db.models import Assignment, Colorization, Invitation, Participant, Rating, RecruitmentLink, Stimulus, Study, Trial
from tests.e2e.rater_steps import begin, ready
from tests.stores import Filled, reading, writing
from workbench import studies
from workbench.rating import screening, vision_tests
from workbench.studies import raters, recruitment

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TRIALS, VOTES, PART = 8, 7, 3
"""Trials of the study, of which one turns out to be damaged; votes that each wants; trials of a rater."""
PEOPLE, BEFORE = 40, {"finish in a browser": 3, "drop out": 4, "screened out": 3, "withdraw": 2, "decline": 2}
LEAST = -(-(VOTES * (TRIALS - 1) - BEFORE["drop out"]) // PART)
"""So many at least must finish: the last ones may find less than a whole part."""
RULES = {
    "display": "off", "color_vision": "require", "trials_per_rater": PART, "break_every": 0,
    "recruitment": {
        "participant": "PROLIFIC_PID", "parameters": ["STUDY_ID", "SESSION_ID"],
        **{name: {"code": name.upper(), "redirect": f"https://platform.example/{name}?cc={{code}}&who={{PROLIFIC_PID}}"}
           for name in ("completed", "screened_out", "quota_full", "withdrawn")},
    },
}  # fmt: skip


class Crowd:
    """The study, its link, and what each participant did as seen from outside."""

    def __init__(self, store: Filled):
        self.store = store
        self.sent: Counter = Counter()
        self.codes: dict[str, str] = {}
        with writing(self.store) as session:
            study = studies.create(
                session, name="crowd", question="Which is better?", method="pair", votes_per_trial=VOTES, design=RULES, seed=5
            )  # fmt: skip
            made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
            added = studies.add_pairs(session, study, made, between=["checkpoint"])
            surplus = session.scalars(select(Trial.id).where(Trial.study_id == study.id).order_by(Trial.id).offset(TRIALS))
            assert added >= TRIALS
            for trial_id in list(surplus):
                session.delete(session.get_one(Trial, trial_id))
            studies.open_study(session, study.id, actor="ann")
            self.study_id = study.id
            _, self.link = recruitment.create_link(session, study.id, actor="ann")

    def damage_a_picture(self) -> int:
        """Cut a file of one trial off in its middle; its first bytes still tell a size. The trial's id."""
        with reading(self.store) as session:
            trial_id = session.scalar(select(Trial.id).where(Trial.study_id == self.study_id).order_by(Trial.id.desc()))
            key = session.scalar(select(Stimulus.media_key).where(Stimulus.trial_id == trial_id))
        path = self.store.home / "media" / key
        path.write_bytes(path.read_bytes()[:200])
        return trial_id

    def door(self, address: str, name: str) -> str:
        return f"{address}/r/join/{self.link}?PROLIFIC_PID={name}&STUDY_ID=s&SESSION_ID=of-{name}"

    def plates(self, token: str) -> list[str]:
        with reading(self.store) as session:
            invitation, study = raters.place_of(session, token)
            return [plate.digit for plate in vision_tests.plates_of(screening.plate_set(study, invitation))]

    def all_others_stay_away(self) -> None:
        """An hour passes for those who are under way."""
        with writing(self.store) as session:
            away = update(Invitation).where(Invitation.study_id == self.study_id, Invitation.outcome.is_(None))
            before = now() - timedelta(minutes=61)
            session.execute(away.values(seen_at=before))
            session.execute(update(Assignment).where(Assignment.leased_until > now()).values(leased_until=before))


class ByRequest:
    """A participant whose page is played by its own requests, pictures included."""

    def __init__(self, crowd: Crowd, address: str, name: str):
        self.crowd, self.name = crowd, name
        self.client = httpx.Client(timeout=60, trust_env=False)
        self.base, _, self.query = crowd.door(address, name).partition("?")
        self.address = address

    def post(self, path: str, **body) -> dict:
        return self.client.post(f"{self.base}/{path}?{self.query}", json=body).json()

    def enter(self, *, sees: bool = True) -> dict:
        told = self.post("consent", agreed=True)
        if told["step"] != "moved":
            return told
        self.base, token = f"{self.address}/r/{told['to']}", told["to"]
        return self.post("vision", answers=self.crowd.plates(token) if sees else [""] * 6)

    def vote(self, told: dict) -> dict:
        """Look at every picture, then choose; a picture that cannot be had is reported."""
        while told["step"] == "trial":
            trial = told["trial"]
            shown = [self.client.get(f"{self.base}/{path}") for path in (*trial["pictures"], trial["source"])]
            if all(answer.status_code == 200 for answer in shown):
                self.crowd.sent[self.name] += 1
                return self.post("vote", trial=trial["name"], choice=0, seconds=1.0)
            told = self.post("broken", trial=trial["name"])
        return told

    def finish(self) -> None:
        told = self.enter()
        while told["step"] == "trial":
            told = self.vote(told)
        self.crowd.codes[self.name] = told["code"]


class InBrowser:
    """A participant in a browser of their own."""

    def __init__(self, crowd: Crowd, page: Page, address: str, name: str):
        self.crowd, self.name, self.page, self.context = crowd, name, page, page.context
        self.page.goto(crowd.door(address, name))

    def agree(self, *, sees: bool = True) -> None:
        self.page.get_by_role("button", name="I agree and want to begin").click()
        self.page.locator('img[src*="plate/0"]').wait_for()
        digits = self.crowd.plates(self.page.url.rpartition("/")[2])
        for place, digit in enumerate(digits):
            self.page.locator(f'img[src*="plate/{place}"]').wait_for()
            self.page.keyboard.press(digit if sees else "Enter")

    def vote(self, number: int) -> None:
        ready(self.page, re.compile(rf"^{number} / "))
        self.page.keyboard.press("1")
        self.crowd.sent[self.name] += 1

    def thanked(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()
        self.crowd.codes[self.name] = self.page.locator("output").inner_text() if self.page.locator("output").count() else ""
        self.way_back = self.page.get_by_role("link").get_attribute("href") if self.page.get_by_role("link").count() else None
        self.context.close()


def test_a_crowd_of_forty_by_one_link_and_every_vote_is_accounted_for(store, address, device):
    crowd = Crowd(store)
    damaged = crowd.damage_a_picture()

    def in_browser(name: str, **options) -> InBrowser:
        return InBrowser(crowd, device(**({"viewport": {"width": 1280, "height": 800}} | options)), address, name)

    def by_request(name: str) -> ByRequest:
        return ByRequest(crowd, address, name)

    _three_finish_in_browsers(crowd, in_browser, address)
    with reading(store) as session:  # eight trials have been before these three: the damaged one among them
        assert session.get_one(Trial, damaged).set_aside_at is not None
    _four_drop_out(crowd, in_browser, by_request)
    _three_are_screened_out(crowd, in_browser, by_request)
    _two_withdraw(crowd, in_browser, by_request)
    _two_decline(in_browser, by_request)
    _the_rest_finish_until_no_place_is_left(crowd, in_browser, by_request)
    _compare(crowd)


def _three_finish_in_browsers(crowd: Crowd, in_browser, address: str) -> None:
    """One after another: straight on, offline in the middle, on a phone from the second trial on."""
    plain = in_browser("plain")
    plain.agree()
    begin(plain.page)
    for number in (1, 2, 3):
        plain.vote(number)
    plain.thanked("Thank you")
    assert plain.way_back == "https://platform.example/completed?cc=COMPLETED&who=plain"

    offline = in_browser("offline")
    offline.agree()
    begin(offline.page)
    offline.vote(1)
    ready(offline.page, re.compile("^2 / "))
    offline.context.set_offline(True)
    offline.vote(2)
    expect(offline.page.locator("#notice")).to_contain_text("Not saved yet")
    offline.context.set_offline(False)
    offline.vote(3)
    offline.thanked("Thank you")

    desk = in_browser("phone")
    desk.agree()
    begin(desk.page)
    desk.vote(1)
    ready(desk.page, re.compile("^2 / "))
    phone = in_browser("phone", is_mobile=True, has_touch=True)
    phone.vote(2)
    phone.vote(3)
    phone.thanked("Thank you")
    desk.context.close()


def _four_drop_out(crowd: Crowd, in_browser, by_request) -> None:
    for number in range(2):
        leaver = in_browser(f"drops-out-{number}")
        leaver.agree()
        begin(leaver.page)
        leaver.vote(1)
        ready(leaver.page, re.compile("^2 / "))
        leaver.context.close()
    for number in range(2, BEFORE["drop out"]):
        leaver = by_request(f"drops-out-{number}")
        leaver.vote(leaver.enter())
    crowd.all_others_stay_away()


def _three_are_screened_out(crowd: Crowd, in_browser, by_request) -> None:
    blind = in_browser("blind-0")
    blind.agree(sees=False)
    blind.thanked("Thank you")
    assert blind.way_back == "https://platform.example/screened_out?cc=SCREENED_OUT&who=blind-0"
    for number in range(1, BEFORE["screened out"]):
        other = by_request(f"blind-{number}")
        crowd.codes[other.name] = other.enter(sees=False)["code"]


def _two_withdraw(crowd: Crowd, in_browser, by_request) -> None:
    leaver = in_browser("withdraws-0")
    leaver.agree()
    begin(leaver.page)
    leaver.vote(1)
    ready(leaver.page, re.compile("^2 / "))
    leaver.page.get_by_role("button", name="Leave the study").click()
    expect(leaver.page.get_by_text("are deleted")).to_be_visible()
    leaver.page.get_by_role("button", name="Withdraw from the study").click()
    leaver.thanked("You have withdrawn")
    assert leaver.way_back == "https://platform.example/withdrawn?cc=WITHDRAWN&who=withdraws-0"
    other = by_request("withdraws-1")
    other.vote(other.enter())
    crowd.codes[other.name] = other.post("withdraw", sure=True)["code"]
    for name in ("withdraws-0", "withdraws-1"):
        assert crowd.sent.pop(name) == 1


def _two_decline(in_browser, by_request) -> None:
    unwilling = in_browser("declines-0")
    unwilling.page.get_by_role("button", name="I do not agree").click()
    expect(unwilling.page.get_by_text("Nothing is stored of you")).to_be_visible()
    unwilling.context.close()
    assert by_request("declines-1").post("decline")["outcome"] == "declined"


def _the_rest_finish_until_no_place_is_left(crowd: Crowd, in_browser, by_request) -> None:
    for number in range(PEOPLE - sum(BEFORE.values()) - 1):
        by_request(f"later-{number}").finish()
    late = in_browser("late")
    late.thanked("No place is left")
    assert late.way_back == "https://platform.example/quota_full?cc=QUOTA_FULL&who=late"


def _compare(crowd: Crowd) -> None:
    """What was seen from outside is what the store holds."""
    with reading(crowd.store) as session:
        study = session.get_one(Study, crowd.study_id)
        of_person = select(Participant.name, func.count(Rating.id)).join(Invitation, Invitation.id == Participant.invitation_id)
        of_person = of_person.join(Rating, Rating.rater_id == Invitation.rater_id).group_by(Participant.name)
        assert dict(session.execute(of_person).all()) == dict(crowd.sent)
        votes = select(func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
        by_trial = session.scalars(votes.group_by(Rating.trial_id))
        assert sorted(by_trial) == [VOTES] * (TRIALS - 1)
        outcomes = Counter(session.scalars(select(Invitation.outcome).where(Invitation.study_id == study.id)))
        finished = outcomes.pop(Outcome.COMPLETED)
        assert outcomes == {None: BEFORE["drop out"], Outcome.SCREENED_OUT: BEFORE["screened out"], Outcome.WITHDRAWN: BEFORE["withdraw"]}
        assert LEAST <= finished <= LEAST + 3
        turned_away = PEOPLE - finished - outcomes.total() - BEFORE["decline"]
        link = session.scalar(select(RecruitmentLink).where(RecruitmentLink.study_id == study.id))
        assert (link.turned_away, link.declined) == (turned_away, BEFORE["decline"])
        viewed = list(session.scalars(select(Rating.viewing).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)))
    told = [viewing for viewing in viewed if viewing]
    assert len(told) == 3 * PART + 2  # of those who rated in a browser
    assert all(viewing["width"] > 100 and viewing["window_width"] >= 1 for viewing in told)
    endings = Counter(crowd.codes.values())
    assert endings == {"COMPLETED": finished, "SCREENED_OUT": 3, "WITHDRAWN": 2, "QUOTA_FULL": turned_away}
