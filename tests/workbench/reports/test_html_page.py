"""A report says what was done and what came out, holds every vote, and needs nothing but itself."""

import csv
import io
import json
import re
import zipfile
from html import unescape
from itertools import combinations

import pytest
from sqlalchemy import select

from db.enums import Outcome, TrialKind
from db.models import Invitation, Rater, Rating, Stimulus, Trial
from tests.stores import colorize, insert_checkpoint, insert_described, open_pair_study, preferring, vote_until_done
from workbench import studies
from workbench.analysis.results import ChoiceVote, analyze_pairs
from workbench.errors import InvalidInputError
from workbench.rating import next_trial, ratings
from workbench.rating.results import study_results
from workbench.reports import figures
from workbench.reports.beside import beside_of
from workbench.reports.files import archive, contents, write
from workbench.reports.html_page import report_of
from workbench.reports.protocol import protocol_of
from workbench.reports.report_notes import read_notes
from workbench.reports.system_labels import shortened
from workbench.reports.vote_table import CODEBOOK, every_vote


@pytest.fixture
def voted(session, media):
    """A pair study with a gold trial, five people of one cohort, a simulated rater, and one person excluded."""
    study = open_pair_study(session, media, images=7, votes_per_trial=9, name="one <against> two", seed=7)
    gold = session.scalars(select(Trial).where(Trial.study_id == study.id).order_by(Trial.position.desc())).first()
    gold.kind = TrialKind.GOLD
    for stimulus in session.scalars(select(Stimulus).where(Stimulus.trial_id == gold.id)):
        stimulus.is_answer = stimulus.system.startswith("one")
    people = studies.invite(session, study.id, 5, cohort="colleagues")
    [machine] = studies.invite(session, study.id, 1, simulated=True)
    for number, (rater, _) in enumerate([*people, machine]):
        vote_until_done(session, study, rater.id, preferring("two" if number == 4 else "one"))
    invitation = session.scalar(select(Invitation).where(Invitation.rater_id == people[0][0].id))
    invitation.screening = {"color_vision": {"passed": True}, "display": {"passed": False}}
    studies.exclude(session, study.id, people[4][0].id, "pressed one key", actor="ada")
    return study


def rows_of(protocol):
    return {row.name: row.value for row in protocol.rows}


@pytest.mark.slow
def test_the_protocol_says_who_how_many_wording_order_screening_and_exclusions(session, voted):
    protocol = protocol_of(session, voted.id)
    rows = rows_of(protocol)
    assert rows["Question, as asked"] == "“Which one fits the description?”"
    assert rows["Raters"] == "6 voted, of 6 invited; 1 of those who voted are simulated, not people"
    assert rows["Cohorts"] == "colleagues: 5, no cohort named: 1"
    assert rows["Trials"].startswith("6, ")
    assert rows["Trials with a known answer or for training"] == "1 gold"
    assert rows["Votes asked for a trial"] == "9"
    assert "seed (7)" in rows["Randomization"]
    assert rows["Color-vision and display screening"].startswith("color vision: 1 of 1 passed, display: 0 of 1 passed")
    assert rows["Ties"].startswith("allowed; part of the model of strengths")
    assert rows["Votes counted, of those asked for"] == "30 of 54 (56%); 24 missing"
    assert rows["Trials with all their votes"] == "0 of 6; 0 have none"
    assert rows["Trials dealt to a rater and never answered"] == "0, by 0 raters"
    assert rows["Viewing time asked for"] == "at least 0.5 s before an answer was taken; greatest: none"
    assert rows["Time of an answer"] == "median 2.0 s, middle half 2.0 to 2.0 s, over 42 answers"
    origin = next(value for name, value in rows.items() if name.startswith("Pictures of one"))
    assert re.fullmatch(r"6 in trials, made by the checkpoint one \(\w{12}\), seed 0", origin)
    assert rows["Size of the photos"] == "8 × 6 pixels"
    assert "color vision was not tested of all raters" in rows["Standard"]
    assert "5 raters are counted" not in rows["Standard"]
    assert "4 raters are counted, fewer than 15" in rows["Standard"]
    assert {row.name: row.value for row in protocol.flow} == {
        "Invited, or came by a link": "6", "Agreed to take part, on record": "0", "Voted without a consent on record": "6",
        "Let in by the screening": "6", "Gave at least one vote": "6",
        "Answered all that they were given": rows["Finished"].split()[0], "Counted": "5",
    }  # fmt: skip
    assert rows["Not entered"].startswith("recruitment, pay, preregistration")
    assert rows["Excluded raters"] == "1 of 6 who voted"
    assert protocol.exclusions[0].value == "pressed one key (7 votes left out)"


@pytest.mark.slow
def test_the_protocol_reads_as_a_methods_section(session, voted):
    told = {row.name: row.value for row in protocol_of(session, voted.id).paragraphs}
    assert list(told) == ["Participants", "Material", "Procedure", "Screening and exclusions"]
    assert told["Participants"].startswith("Six raters took part, of 6 invited. One of them was simulated by a program.")
    assert "Cohorts: colleagues (5), none named (1)." in told["Participants"]
    assert "Two systems were compared" in told["Material"]
    assert "on six images in six trials. Every trial showed the description" in told["Material"]
    assert "by level 6 partial" in told["Material"]
    assert "one with an answer that is plain to see (gold)" in told["Material"]
    assert "asked: “Which one fits the description?”" in told["Procedure"]
    assert "a tie was allowed" in told["Procedure"]
    assert "from the seed 7" in told["Procedure"]
    assert (
        "tested for color vision, passed by 1 of 1 and display, passed by 0 of 1. Nobody was kept out" in told["Screening and exclusions"]
    )
    assert "One rater was excluded, and seven votes with them" in told["Screening and exclusions"]
    assert "pressed one key" in told["Screening and exclusions"]


def test_a_study_that_nobody_voted_in_is_told_without_inventing_anything(session, media):
    study = open_pair_study(session, media, images=2)
    told = {row.name: row.value for row in protocol_of(session, study.id).paragraphs}
    assert told["Participants"] == "Nobody has voted yet; no raters were invited."
    assert told["Screening and exclusions"] == "No screening of color vision or displays is on record. No rater was excluded."
    assert "mid-gray" not in told["Procedure"]


@pytest.mark.slow
def test_the_page_needs_no_network_no_script_and_writes_names_as_text(session, voted):
    _, results, html = report_of(session, voted.id)
    assert results.votes == 5 * 6
    assert "one &lt;against&gt; two" in html
    assert "<against>" not in html
    assert "<script" not in html
    assert not re.search(r"""(?:src|href)=["']?(?!#)|url\((?!#)|@import""", html)
    assert html.count("<svg") >= 2
    assert "6 of 30 votes were given by simulated raters, not by people." in html
    assert "(simulated)" in html
    assert "pressed one key" in html
    assert "Holm (1979)" in html
    assert "From invitations to counted raters" in html
    assert "Image by image" in html


@pytest.mark.slow
def test_displays_and_what_raters_said_of_themselves_are_told_as_their_pages_told_it(session, voted):
    for number, rating in enumerate(session.scalars(select(Rating).order_by(Rating.rater_id, Rating.id))):
        rating.viewing = {"width": 400 + 10 * (rating.rater_id % 2), "window_width": 390 if number < 7 else 1280, "away": int(number == 3)}
    people = session.scalars(select(Invitation).where(Invitation.study_id == voted.id).order_by(Invitation.id)).all()
    questionnaire = {"before": ["age_group", "gender", {"name": "years", "question": "Years of experience?", "kind": "number"}]}
    voted.design = voted.design | {"questionnaire": questionnaire}
    for person, age in zip(people[:4], ["25–34", "25–34", "25–34", "65+"], strict=True):
        person.questionnaire = {"before": {"age_group": age, "years": 3}}
    rows = rows_of(protocol_of(session, voted.id))
    assert rows["Width of a rated picture"] == "400 to 410, median 405 CSS pixels"
    assert rows["Raters on windows of a phone's width"] == "1 of 6 (under 600 CSS pixels)"
    assert rows["Ratings during which the page was left"] == "1 of 42"
    assert rows["Asked before the trials: How old are you, in years?"] == "25–34: 3, answers of fewer than 3 raters each: 1; 2 did not say"
    assert rows["Asked before the trials: What is your gender?"] == "nobody said; 6 did not say"
    assert rows["Asked before the trials: Years of experience?"] == "4 gave a number, too few to tell more; 2 did not say"
    told = beside_of(session, voted.id).files["questionnaire.csv"].splitlines()
    assert told[0] == "rater,part,question,asked,answer"
    assert len(told) == 1 + 4 * 2


@pytest.mark.slow
def test_who_claims_more_time_than_the_server_saw_is_flagged_with_the_number_of_answers(session, voted):
    honest, liar, hasty = session.scalars(select(Rating.rater_id).where(Rating.rater_id < 4).distinct().order_by(Rating.rater_id))
    for number, rating in enumerate(session.scalars(select(Rating).where(Rating.rater_id == liar).order_by(Rating.id))):
        rating.seconds = 30.0 if number < 3 else 2.9
    first = session.scalars(select(Rating).where(Rating.rater_id == hasty)).first()
    first.seconds = 3600.0
    names = {row.id: row.pseudonym for row in session.scalars(select(Rater))}
    flags = {row["rater"]: row["flags"] for row in study_results(session, voted.id).raters}
    told = {names[key]: [flag for flag in flags[names[key]] if "server" in flag] for key in (honest, liar, hasty)}
    counted = next(row["votes"] for row in study_results(session, voted.id).raters if row["rater"] == names[liar])
    claims = f"claims more viewing time than the server saw in 3 of {counted} answers"
    assert told == {names[honest]: [], names[liar]: [claims], names[hasty]: []}


@pytest.mark.slow
def test_trials_are_shown_as_pictures_in_the_file_itself(session, media, voted):
    html = report_of(session, voted.id, media=media)[2]
    shown = re.findall(r'<img alt="Trial (\d+): ([^"]+)" src="(data:image/png;base64,[A-Za-z0-9+/=]+)"', html)
    assert {int(trial) for trial, _, _ in shown} == {0, 2, 5} or {int(trial) for trial, _, _ in shown} == {0, 3, 5}
    assert {name.split()[0] for _, name, _ in shown} == {"one", "two", "the"}
    assert not re.search(r"""(?:src|href)=(?!["']?(?:#|data:))|url\((?!#)|@import""", unescape(html))
    still = unescape(re.search(r'<iframe[^>]* srcdoc="([^"]*)"', html)[1])
    assert "Which one fits the description?" in still
    assert len(re.findall(r'<img src="data:image/png;base64,[^"]+" alt="(left|right|the gray photo)">', still)) == 3
    assert not re.search("<script|one .against.|checkpoint", still)
    for row in session.scalars(select(Stimulus).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == voted.id)):
        media.path(row.media_key).unlink(missing_ok=True)
    assert "The file of this picture cannot be read." in report_of(session, voted.id, media=media)[2]


@pytest.mark.slow
def test_an_interrupted_part_is_told_as_missing_and_every_vote_says_how_its_rater_ended(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=2, name="interrupted")
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = next_trial(session, study.id, rater.id)
    rating = ratings.rate(session, view.trial_id, rater.id, view.stimuli[0].id, seconds=1.5)
    rating.viewing, rating.comment = {"load_seconds": 0.25, "hidden": True, "window_height": 800}, "odd sky"
    next_trial(session, study.id, rater.id)
    invitation = session.scalar(select(Invitation).where(Invitation.rater_id == rater.id))
    invitation.outcome, invitation.consented_at = Outcome.WITHDRAWN, rating.rated_at
    session.flush()
    protocol = protocol_of(session, study.id)
    rows, flow = rows_of(protocol), {row.name: row.value for row in protocol.flow}
    assert rows["Trials dealt to a rater and never answered"] == "1, by 1 raters"
    assert (flow["Agreed to take part, on record"], flow["Withdrew"]) == ("1", "1")
    assert "Voted without a consent on record" not in flow
    [vote] = every_vote(session, study.id)
    told = {key: vote[key] for key in ("outcome", "load_seconds", "hidden", "window_height", "comment")}
    assert told == {"outcome": "withdrawn", "load_seconds": "0.25", "hidden": "true", "window_height": "800", "comment": "odd sky"}


@pytest.mark.slow
def test_what_was_entered_besides_stands_in_the_report_and_what_was_not_is_said_to_be_missing(session, voted):
    notes = read_notes("recruitment: by a notice in the lab\npay: none\nplan: strengths of all pairs\n", "notes.yaml")
    protocol, _, html = report_of(session, voted.id, notes)
    rows = rows_of(protocol)
    assert rows["Recruitment, as entered"] == "by a notice in the lab"
    assert rows["Not entered"].startswith("preregistration:")
    assert rows["Deviations from the plan"] == "none were entered"
    assert "by a notice in the lab" in html
    with pytest.raises(InvalidInputError, match="line 1"):
        read_notes("recruitement: by a notice\n", "notes.yaml")


def test_what_all_systems_share_is_said_once():
    names = ("one · steps=8 · ●", "two · steps=8 · ●", "reference")
    votes = [ChoiceVote(f"r{number}", 1, (a, b), a) for number, (a, b) in enumerate(combinations(names, 2))]
    results, shared = shortened(analyze_pairs(votes))
    assert shared == "steps=8 · ●"
    assert {row["name"] for row in results.systems} == {"one", "two", "reference"}
    assert {(row["system_a"], row["system_b"]) for row in results.pairs} == {("one", "two"), ("one", "reference"), ("reference", "two")}
    assert all({row["name"] for row in each["systems"]} <= {"one", "two", "reference"} for each in results.sensitivity)


@pytest.mark.parametrize("names", [("one", "two"), ("one · a", "reference"), ("one · a", "two"), ("a · one", "b · two")])
def test_names_that_share_nothing_stay_as_they_are(names):
    results = analyze_pairs([ChoiceVote("x", 1, names, names[0])])
    assert shortened(results) == (results, "")


@pytest.mark.slow
def test_every_single_vote_is_a_row_with_columns_that_the_codebook_explains(session, voted):
    rows = list(every_vote(session, voted.id))
    assert len(rows) == 6 * 7
    assert all(list(row) == list(CODEBOOK) for row in rows)
    counted = [row for row in rows if row["counted"] == "true"]
    assert len(counted) == study_results(session, voted.id).votes
    excluded = [row for row in rows if row["exclusion"]]
    assert {row["exclusion"] for row in excluded} == {"pressed one key"}
    assert {row["right"] for row in rows if row["kind"] == "gold"} == {"true", "false"}
    assert {row["right"] for row in rows if row["kind"] == "regular"} == {""}
    assert all(row["choice"] in row["shown"].split("|") for row in rows)
    assert {row["level"] for row in rows} == {"partial"}


@pytest.mark.slow
def test_checks_of_a_study_reach_its_analysis(session, voted):
    results = study_results(session, voted.id)
    assert {(row["checks"], row["checks_right"]) for row in results.raters} == {(1, 1)}


@pytest.mark.slow
def test_category_votes_have_a_row_for_each_value_and_a_report(session, media):
    insert_described(session, media, 3)
    made = [row.id for name in ("one", "two") for row in colorize(session, media, insert_checkpoint(session, name))]
    scales = [{"name": "natural", "points": 5}, {"name": "match", "points": 5}]
    study = studies.create(session, name="marks", question="How?", method="category", votes_per_trial=6, design={"scales": scales})
    studies.add_sets(session, study, made, between=["checkpoint"])
    studies.open_study(session, study.id, actor="test")
    for number, (rater, _) in enumerate(studies.invite(session, study.id, 6)):

        def choose(_view, systems, mark=4 + number % 2):
            return {key: {"natural": mark if "one" in name else 2, "match": 3} for key, name in systems.items()}

        vote_until_done(session, study, rater.id, choose)
    rows = list(every_vote(session, study.id))
    assert len(rows) == 6 * 6 * 2
    assert {row["scale"] for row in rows} == {"natural", "match"}
    _, results, html = report_of(session, study.id)
    assert results.systems[0]["recovered"] is not None
    first = next(row for row in results.systems if row["name"].startswith("one") and row["scale"] == "natural")
    assert first["given"] == {"4": 9, "5": 9}
    assert first["sd"] == pytest.approx(0.5145, abs=1e-4)
    assert "Mean opinion score" in html
    # Each scale has a drawing of its own, from its one end to the other.
    drawn = figures.systems(results).to_dict()["vconcat"]
    assert [chart["layer"][0]["encoding"]["x"]["scale"]["domain"] for chart in drawn] == [[1, 5], [1, 5]]
    assert "ITU-T P.910, Appendix VI" in html


def test_a_study_without_votes_has_a_report_that_says_so(session, media):
    study = open_pair_study(session, media, images=2)
    assert "No counted votes yet." in report_of(session, study.id)[2]


@pytest.mark.slow
def test_the_files_on_disk_and_in_the_archive_are_the_same(session, voted, tmp_path):
    _, results, html = report_of(session, voted.id)
    rows = list(every_vote(session, voted.id))
    paths = write(tmp_path / "report", results, html, rows)
    assert [path.name for path in paths] == ["report.html", "votes.csv", "codebook.csv", "results.json"]
    packed = zipfile.ZipFile(io.BytesIO(archive(results, html, rows)))
    assert all(packed.read(path.name) == path.read_bytes() for path in paths)
    read = list(csv.DictReader(io.StringIO(contents(results, html, rows)["codebook.csv"])))
    assert [row["column"] for row in read] == list(CODEBOOK)
    assert json.loads(packed.read("results.json"))["votes"] == 30
