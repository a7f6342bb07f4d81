"""A curator's way to the raters' page: chosen among the open studies, always the same place in a study."""

import re

import pytest

from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import studies
from workbench.studies import raters

pytestmark = pytest.mark.slow


@pytest.mark.slow
def test_a_curator_chooses_an_open_study_and_keeps_one_place_in_it(filled):
    tokens = []
    for _ in range(2):
        app = visit("rate", study="1")
        app.button[0].click().run()
        assert not app.exception
        [script] = [element.proto.body for element in app.main.get("html") if "location" in element.proto.body]
        tokens.append(re.search(r"r/([\w-]+)", script)[1])
    with reading(filled) as session:
        mine = [invitation for invitation, _ in studies.invitations(session, 1) if invitation.cohort == "curator: ann"]
        assert raters.authenticate(session, tokens[1]).id == mine[0].id
    assert len(mine) == 1
    assert tokens[0] != tokens[1]


def test_without_an_open_study_the_page_says_how_to_make_one(filled):
    with writing(filled) as session:
        studies.close(session, 1, actor="ann")
    assert "No study is open" in texts(visit("rate"))
