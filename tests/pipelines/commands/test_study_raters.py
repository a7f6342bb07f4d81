"""The people of a study by command: listed, excluded, locked out, let in again, forgotten; and a design on its way through files."""

import io
import sys

import pytest

from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, preferring, vote_until_done
from workbench import studies

pytestmark = pytest.mark.slow


DESIGN = """\
name: a pair
question: Which?
method: pair
votes_per_trial: 2
design: {completion_code: C0DE}
stimuli: {between: [checkpoint]}
"""


@pytest.fixture
def home(tmp_path):
    return ("--home", tmp_path)


@pytest.fixture
def made(workbench, store, home, tmp_path):
    """An open study with a vote of one rater on each of its trials; the name of that rater."""
    with store.writing() as session:
        for number in range(3):
            insert_caption(session, insert_image(session, store.media, number))
        for name in ("one", "two"):
            colorize(session, store.media, insert_checkpoint(session, name))
    (tmp_path / "study.yaml").write_text(DESIGN)
    assert "3 trials, 2 for practice, 1 gold, 1 trap, in draft" in workbench("studies", "create", tmp_path / "study.yaml", *home).output
    workbench("studies", "open", "a pair", *home)
    answer = workbench("studies", "invite", "a pair", "--raters", 1, "--days", 7, "--address", "http://here:8501/", "--json", *home)
    [invited] = answer.json
    assert invited["link"] == f"http://here:8501/r/{invited['token']}"
    with store.writing() as session:
        study = studies.by_name(session, "a pair")
        [(row, rater)] = studies.invitations(session, study.id)
        assert (row.expires_at - row.created_at).days in (6, 7)
        vote_until_done(session, study, rater.id, preferring(""))
    return rater.pseudonym


def test_raters_are_listed_with_what_they_did(workbench, home, made):
    [row] = workbench("studies", "raters", "a pair", "--json", *home).json
    assert (row["rater"], row["answers"], row["code"], row["finished"], row["excluded"]) == (made, 7, "C0DE", True, "")
    assert made in workbench("studies", "raters", "a pair", *home).output


def test_a_rater_is_excluded_with_a_reason_and_the_votes_are_asked_for_again(workbench, home, made):
    before = workbench("studies", "progress", "a pair", "--json", *home).json["votes"]
    assert workbench("studies", "exclude", "a pair", made, *home).status == 2
    assert "asleep" in workbench("studies", "exclude", "a pair", made, "--reason", "asleep", *home).output
    after = workbench("studies", "progress", "a pair", "--json", *home).json["votes"]
    assert (before, after) == (3, 0)
    assert workbench("studies", "raters", "a pair", "--json", *home).json[0]["excluded"] == "asleep"


def test_a_link_is_renewed_and_revoked(workbench, store, home, made):
    token = workbench("studies", "renew", "a pair", made, "--json", *home).json["token"]
    with store.reading() as session:
        assert studies.authenticate(session, token)
    assert "opens nothing" in workbench("studies", "revoke", "a pair", made, *home).output
    assert workbench("studies", "raters", "a pair", "--json", *home).json[0]["revoked"] is True


def test_a_person_is_forgotten_only_when_that_is_meant(workbench, home, made, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    refused = workbench("studies", "forget", "a pair", made, *home)
    assert refused.status == 1
    assert workbench("studies", "forget", "a pair", made, "--yes", "--json", *home).json == {"rater": made, "votes_deleted": 7}
    assert workbench("studies", "raters", "a pair", "--json", *home).json == []


def test_nobody_is_found_under_another_name(workbench, home, made):
    answer = workbench("studies", "revoke", "a pair", "somebody", *home)
    assert (answer.status, "no rater" in answer.messages) == (1, True)


def test_a_design_is_shown_as_the_file_that_makes_it(workbench, home, made, tmp_path):
    text = workbench("studies", "show", "a pair", *home).output
    (tmp_path / "again.yaml").write_text(text.replace("a pair", "again"))
    assert workbench("studies", "create", tmp_path / "again.yaml", "--json", *home).json["trials"] == 3
    assert workbench("studies", "show", "again", *home).output == text.replace("a pair", "again")
