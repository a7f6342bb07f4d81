"""A pilot shows a study as its raters will meet it, before it opens, and leaves nothing in the store."""

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.base import Base
from db.models import Colorization
from tests.stores import reading, writing
from tests.ui.rater_client import RaterClient
from workbench import studies
from workbench.errors import ConflictError
from workbench.rating import pilot
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app


@pytest.fixture
def client(filled):
    return TestClient(Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()))


@pytest.fixture
def drafted(filled):
    """A study in draft, with its number of trials."""
    with writing(filled) as session:
        rules = {"display": "off", "color_vision": "off", "recruitment": {"completed": {"code": "DONE"}}}
        study = studies.create(session, name="drafted", question="Which?", method="pair", votes_per_trial=1, design=rules)
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        return study.id, studies.add_pairs(session, study, made, between=["checkpoint"])


def rows(filled):
    with reading(filled) as session:
        return {name: session.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()}


@pytest.mark.slow
def test_a_draft_is_gone_through_from_consent_to_code_and_nothing_is_stored(client, filled, drafted):
    study_id, trials = drafted
    before = rows(filled)
    with reading(filled) as session:
        token = pilot.begin(session, study_id)
    rater = RaterClient(client, filled, token)
    page = client.get(f"/r/{token}")
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    assert rater.get("next").json()["step"] == "consent"
    told = rater.post("consent", agreed=True).json()
    seen = 0
    while told["step"] == "trial":
        assert all(rater.get(path).status_code == 200 for path in (*told["trial"]["pictures"], told["trial"]["source"]))
        told = rater.post("vote", trial=told["trial"]["name"], choice=0, seconds=1).json()
        seen += 1
    assert (seen, told["code"]) == (trials, "DONE")
    assert rows(filled) == before
    with reading(filled) as session:
        assert studies.by_name(session, "drafted").status == "draft"


def test_a_study_without_trials_cannot_be_tried(filled):
    with writing(filled) as session:
        empty = studies.create(session, name="empty", question="?", method="pair", votes_per_trial=1)
        with pytest.raises(ConflictError, match="no trials"):
            pilot.begin(session, empty.id)


@pytest.mark.slow
def test_old_pilots_make_room_for_new_ones(filled, drafted):
    with reading(filled) as session:
        tokens = [pilot.begin(session, drafted[0]) for _ in range(pilot.MOST + 1)]
    assert pilot.engines_of(tokens[0]) is None
    assert all(pilot.engines_of(token) for token in tokens[1:])
