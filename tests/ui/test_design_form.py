"""The form says whatever a file can, and refuses what a file is refused for."""

import pytest
import streamlit

from tests.stores import reading
from tests.ui.conftest import texts, visit
from workbench import studies
from workbench.studies import Scale, design_io
from workbench.studies.questions import Asked, Further

pytestmark = [pytest.mark.slow]


@pytest.fixture
def filled_in(monkeypatch):
    """What somebody has typed into the form's tables, by the beginning of their keys."""
    rows: dict[str, list[dict[str, str]]] = {}

    def data_editor(first, *, key, **_options):
        return next((some for begins, some in rows.items() if key.startswith(begins)), first)

    monkeypatch.setattr(streamlit, "data_editor", data_editor)
    return rows


def created(app, filled, name):
    app.button(key="design-create").click().run()
    assert not app.exception
    with reading(filled) as session:
        return design_io.of_study(studies.by_name(session, name))


def test_a_whole_study_of_pairs_is_said_by_the_form_alone(filled, filled_in):
    filled_in |= {
        "design-further": [{"name": "nature", "question": "Was wirkt natürlicher?"}],
        "design-asked": [{"when": "after", "name": "room", "question": "Wie hell?", "answers": "Tag | Lampe"},
                         {"when": "before", "name": "years", "question": "Wie lange?", "answers": "number"}],
        "design-cohorts": [{"cohort": "crowd", "votes a trial": "2"}, {"cohort": "lab", "votes a trial": "1"}],
    }  # fmt: skip
    app = visit("studies", ["new-study"])
    app.text_input(key="design-name").set_value("whole")
    app.checkbox(key="design-detects").set_value(True)
    app.checkbox(key="design-reference").set_value(True)
    app.multiselect(key="design-before").set_value(["age_group"])
    app.selectbox(key="design-language").set_value("de")
    app.number_input(key="design-least").set_value(800)
    app.number_input(key="design-most").set_value(30)
    app.text_input(key="design-participant").set_value("PROLIFIC_PID")
    app.text_input(key="design-parameters").set_value("STUDY_ID, SESSION_ID")
    app.number_input(key="design-cap").set_value(40)
    app.text_input(key="design-redirect-completed").set_value("https://platform.example/done?cc={code}")
    app.text_input(key="design-code-completed").set_value("DONE")
    app.text_input(key="design-settings").set_value("steps: 8")
    app.run()
    rules = created(app, filled, "whole").rules
    assert rules.further == (Further("nature", "Was wirkt natürlicher?"),)
    assert rules.questionnaire.before == (Asked("age_group"), Asked("years", "Wie lange?", kind="number"))
    assert rules.questionnaire.after == (Asked("room", "Wie hell?", ("Tag", "Lampe")),)
    assert rules.cohorts == {"crowd": 2, "lab": 1}
    assert (rules.language, rules.least_viewing_ms, rules.most_viewing_s, rules.detects) == ("de", 800, 30, True)
    assert "Teilnahme ist freiwillig" in rules.consent
    crowd = rules.recruitment
    assert (crowd.participant, crowd.parameters, crowd.cap) == ("PROLIFIC_PID", ("STUDY_ID", "SESSION_ID"), 40)
    assert crowd.completed.code == "DONE"


def test_scales_with_words_and_outside_systems_are_rows_of_tables(filled, filled_in):
    filled_in["design-scales"] = [
        {"name": "quality", "points": "5", "words": "bad | poor | fair | good | excellent"},
        {"name": "match", "points": "7", "low": "no", "high": "yes", "question": "How well does it match?"},
    ]
    app = visit("studies", ["new-study"])
    app.text_input(key="design-name").set_value("marks")
    app.selectbox(key="design-method").set_value("category").run()
    rules = created(app, filled, "marks").rules
    assert rules.scales == (
        Scale("quality", words=("bad", "poor", "fair", "good", "excellent")), Scale("match", 7, "no", "yes", (), "How well does it match?"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"design-asked": [{"when": "before", "name": "lamp", "question": "", "answers": "a | b"}]}, "design.questionnaire.before.0"),
        ({"design-outside": [{"name": "peer", "folder or manifest": ""}]}, "an outside system needs a folder or a manifest"),
        ({"design-cohorts": [{"cohort": "crowd", "votes a trial": "many"}]}, "a whole number, 1 or more, belongs here; got 'many'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_nothing_is_made(filled, filled_in, rows, says):
    filled_in |= rows
    app = visit("studies", ["new-study"])
    app.text_input(key="design-name").set_value("wrong").run()
    assert says in app.error[0].value
    assert not [button for button in app.button if button.key == "design-create"]


def test_a_question_for_the_original_needs_the_originals(filled):
    app = visit("studies", ["new-study"])
    app.text_input(key="design-name").set_value("wrong")
    app.checkbox(key="design-detects").set_value(True).run()
    assert "originals do not compete" in app.error[0].value
    assert "Give the study a name" not in texts(app)


def test_its_trials_are_counted_before_anything_is_created(filled):
    app = visit("studies", ["new-study"])
    app.text_input(key="design-name").set_value("counted").run()
    app.button(key="design-count").click().run()
    [told] = [caption.value for caption in app.caption if "in all, beside practice" in caption.value]
    with reading(filled) as session:
        assert "counted" not in {study.name for study in studies.listing(session)}
    created(app, filled, "counted")
    with reading(filled) as session:
        progress = studies.progress(session, studies.by_name(session, "counted").id)
    assert told.startswith(f"{progress.trials} trials, {progress.needed} votes")
