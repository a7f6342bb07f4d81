"""A design reads back as it was written, and what is wrong in one is named by its key and line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.enums import RatingMethod
from tests.stores import add_study
from workbench.errors import InvalidInputError
from workbench.studies import Design, ExternalSystem, Rules, Scale, Stimuli, design_io

WHOLE = """\
name: mini against the peer
question: Which picture is closer to the description?
method: pair
votes_per_trial: 5
seed: 11
design:
  ties: false
  view: flip
  caption: true
  source: false
  instructions: |
    Look twice.
  color_vision: require
  display: off
  training: 3
  trials_per_rater: 30
  selection: informative
  cohorts: {experts: 2, crowd: 3}
stimuli:
  query: "has:mask"
  checkpoints: [mini]
  levels: [complete]
  settings: {steps: 8}
  seeds: [0, 1]
  between: [checkpoint, seed]
  reference: true
  outside:
    - {name: peer, folder: outputs/peer, level: complete}
"""


def test_every_part_of_a_file_is_read():
    design = design_io.read(WHOLE)
    assert (design.name, design.method, design.votes_per_trial, design.seed) == ("mini against the peer", RatingMethod.PAIR, 5, 11)
    assert design.rules == Rules(
        ties=False, view="flip", source=False, instructions="Look twice.", color_vision="require", display="off", training=3,
        trials_per_rater=30, selection="informative", cohorts={"experts": 2, "crowd": 3},
    )  # fmt: skip
    assert design.stimuli == Stimuli(
        "has:mask",
        ("mini",),
        ("complete",),
        {"steps": 8},
        (0, 1),
        ("checkpoint", "seed"),
        True,
        (ExternalSystem("peer", "outputs/peer", "complete"),),
    )
    assert design_io.read(design_io.write(design)) == design


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
words = st.text(letters, min_size=1, max_size=20).map(str.strip).filter(bool)
names = st.lists(words.filter(lambda word: word != "reference"), unique=True, max_size=2)


@settings(max_examples=60, deadline=None)
@given(
    name=words, question=words, seed=st.integers(0, 2**40), ties=st.booleans(), instructions=words,
    checks=st.tuples(*[st.sampled_from(design_io.CHECKS)] * 2), quota=st.none() | st.integers(1, 500), seeds=st.lists(st.integers(0, 9)),
    checkpoints=st.none() | st.lists(words, max_size=3), outside=names,
)  # fmt: skip
@pytest.mark.slow
def test_what_is_written_reads_back_the_same(name, question, seed, ties, instructions, checks, quota, seeds, checkpoints, outside):
    rules = Rules(ties=ties, instructions=instructions, color_vision=checks[0], display=checks[1], trials_per_rater=quota)
    systems = tuple(ExternalSystem(system, "somewhere") for system in outside)
    stimuli = Stimuli(checkpoints=None if checkpoints is None else tuple(checkpoints), seeds=tuple(seeds), outside=systems)
    design = Design(name, question, RatingMethod.PAIR, 3, seed, rules, stimuli)
    assert design_io.read(design_io.write(design)) == design


def test_defaults_are_left_out_of_what_is_written():
    text = design_io.write(Design("a", "b", RatingMethod.CATEGORY, rules=Rules(scales=(Scale("naturalness", 5, "un", ""),))))
    assert text == (
        "name: a\nquestion: b\nmethod: category\nvotes_per_trial: 1\nseed: 0\n"
        "design:\n  scales:\n  - name: naturalness\n    points: 5\n    low: un\n"
    )


HEAD = "name: a\nquestion: b\nmethod: {}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: a\n  question: b", "line 2: The design cannot be read as YAML"),
        ("- a\n- b", "holds no mapping"),
        ("name: a\nquestion: b", "line 1, `method`: A study needs this part"),
        (HEAD.format("duel"), "line 3, `method`: this is one of pair, choice, category, ranking; got 'duel'"),
        (HEAD.format("pair") + "votes: 3", 'line 4, `votes`: A study has no part "votes"'),
        (HEAD.format("pair") + "votes_per_trail: 3", 'did you mean "votes_per_trial"'),
        (HEAD.format("pair") + "votes_per_trial: 0", "line 4, `votes_per_trial`: a whole number, from 1 to 1000"),
        (HEAD.format("pair") + "seed: 1\nseed: 2", "line 5: `seed` is there twice"),
        (HEAD.format("pair") + "design:\n  ties: maybe", "line 5, `design.ties`: this is true or false; got 'maybe'"),
        (HEAD.format("pair") + "design:\n  view: tilted", "`design.view`: this is one of side by side, flip, slider"),
        (HEAD.format("pair") + "design:\n  scales: [{name: a}]", "line 5, `design.scales`: only category studies have scales"),
        (HEAD.format("choice") + "design:\n  view: flip", "only pairs are seen by flip"),
        (HEAD.format("ranking") + "design:\n  selection: informative", "only pairs are selected"),
        (HEAD.format("category") + "design:\n  scales:\n  - {name: a}\n  - {name: a}", "needs a name of its own"),
        (
            HEAD.format("category") + "design:\n  scales:\n  - {name: a, points: 1}",
            "line 6, `design.scales.0.points`: a whole number, 2 or more",
        ),
        (HEAD.format("category") + "design:\n  scales: []", "one scale at least"),
        (
            HEAD.format("category") + "design:\n  scales:\n  - {name: a, words: [bad, good]}",
            "a scale of 5 points has 5 words, or none; got 2",
        ),
        (HEAD.format("pair") + "design:\n  recruitment: {participant: 'a b'}", "line 5, `design.recruitment.participant`: a parameter"),
        (
            HEAD.format("pair") + "design:\n  recruitment:\n    completed: {redirect: 'javascript:alert(1)'}",
            "line 6, `design.recruitment.completed.redirect`: a redirect is a whole address",
        ),
        (
            HEAD.format("pair") + "design:\n  recruitment:\n    completed: {redirect: 'https://x.example/?p={PID}'}",
            "nothing is known as {PID} when a rater leaves; there are code",
        ),
        (HEAD.format("pair") + "design:\n  completion_code: A\n  recruitment: {completed: {code: B}}", "keep one of them"),
        (HEAD.format("pair") + "design:\n  cohorts: {a: 1, b: 2}", "the cohorts' votes add up to 3, votes_per_trial says 1"),
        (HEAD.format("pair") + "design: {least_viewing_ms: 6000, most_viewing_s: 5}", "hidden before an answer is taken"),
        (HEAD.format("pair") + "design: {detects: true}", "line 4, `design.detects`: the question is which of two is the original"),
        (HEAD.format("choice") + "design: {detects: true}\nstimuli: {reference: true}", "only pairs ask which of two is the original"),
        (HEAD.format("pair") + "design:\n  recruitment: {participant: A, parameters: [B, A]}", "each parameter is named once"),
        (HEAD.format("category") + "design: {further: [{name: a, question: b}]}", "a category study asks by its scales"),
        (HEAD.format("pair") + "design:\n  further: [{name: a, question: b}, {name: a, question: c}]", "needs a name of its own"),
        (HEAD.format("pair") + "design:\n  further: [nature]", "line 5, `design.further.0`: a further question reads"),
        (HEAD.format("pair") + "design:\n  questionnaire: {before: [shoe_size]}", "a question is one of age_group, gender"),
        (HEAD.format("pair") + "design:\n  questionnaire: {befor: [gender]}", 'did you mean "before"'),
        (HEAD.format("pair") + "design:\n  questionnaire: {before: [gender], after: [gender]}", "gender is there twice"),
        (HEAD.format("pair") + "design:\n  questionnaire: {after: [{name: a, question: b}]}", "has either choices or a kind"),
        (HEAD.format("pair") + "design:\n  questionnaire: {after: [{name: a, question: b, choices: [c, c]}]}", "all different"),
        (HEAD.format("pair") + "design: {reference: true}\nstimuli: {reference: true}", "cannot both stand beside and compete"),
        (HEAD.format("pair") + "stimuli:\n  between: [color]", "line 5, `stimuli.between.0`: this is one of checkpoint"),
        (HEAD.format("pair") + "stimuli:\n  levels: complete", "a list belongs here; got 'complete'"),
        (HEAD.format("pair") + "stimuli:\n  outside:\n  - {name: peer}", "needs a folder or a manifest"),
        (HEAD.format("pair") + "stimuli:\n  outside:\n  - {name: reference, folder: a}", "none is called reference"),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_line(text, says):
    with pytest.raises(InvalidInputError) as refusal:
        design_io.read(text)
    assert says in str(refusal.value)


def test_a_bare_off_is_off_though_yaml_takes_it_for_false():
    assert design_io.read(HEAD.format("pair") + "design: {color_vision: off}").rules.color_vision == "off"


def test_a_study_that_was_made_without_a_file_has_a_design_too(session):
    study = add_study(session, design={"ties": False}, seed=4)
    assert design_io.of_study(study) == Design("draft", "Which?", RatingMethod.PAIR, 1, 4, Rules(ties=False))
