"""Strangers who come by one link, over HTTP."""

from urllib.parse import urlencode

from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.stores import reading
from tests.ui.rater_client import RaterClient
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app

ENDINGS = {
    name: {"code": f"CODE-{name}", "redirect": f"https://platform.example/{name}?cc={{code}}&who={{PROLIFIC_PID}}"}
    for name in ("completed", "screened_out", "quota_full", "withdrawn")
}
RECRUITMENT = {"participant": "PROLIFIC_PID", "parameters": ["STUDY_ID", "SESSION_ID"], **ENDINGS}


class Visitor:
    """Somebody at the door of a link, with a browser of their own."""

    def __init__(self, filled, link, name, **parameters):
        self.filled, self.client = filled, TestClient(
            Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()), follow_redirects=False
        )  # fmt: skip
        self.link, self.query = link, urlencode({"PROLIFIC_PID": name, "STUDY_ID": "s1", "SESSION_ID": "x9", **parameters})

    def page(self):
        return self.client.get(f"/r/join/{self.link}?{self.query}")

    def at_the_door(self):
        return self.client.get(f"/r/join/{self.link}/next?{self.query}").json()

    def agree(self):
        return self.client.post(f"/r/join/{self.link}/consent?{self.query}", json={"agreed": True}).json()

    def post_consent(self, **said):
        return self.client.post(f"/r/join/{self.link}/consent?{self.query}", json={"agreed": True, **said}).json()

    def enter(self):
        """Through the door to the first trial; the rater's own page from there on."""
        told = self.agree()
        assert told["step"] == "moved", told
        return RaterClient(self.client, self.filled, told["to"])

    def finish(self):
        rater = self.enter()
        told = rater.get("next").json()
        while told["step"] == "trial":
            told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
        return rater, told


def stored(filled, table):
    with reading(filled) as session:
        return session.scalar(select(func.count()).select_from(table))
