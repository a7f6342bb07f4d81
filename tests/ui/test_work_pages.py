"""What is asked for on a page becomes a run with the right parameters; runs are cancelled and resumed."""

import pytest

from db.enums import RunStatus
from tests.stores import reading, writing
from tests.ui.asked_runs import button, field, newest_run
from tests.ui.conftest import texts, visit
from workbench import colorizations, regions, runs, studies
from workbench.store import events
from workbench.ui.components import compare, matrix
from workbench.ui.shared import training_curve


@pytest.mark.slow
def test_colorizing_asks_for_the_levels_seeds_and_settings_on_the_form(filled):
    app = visit("colorize", q="color:red")
    field(app, "Seeds").set_value("0, 2-3")
    app.number_input[0].set_value(12)
    button(app, "Colorize 1 image").click().run()
    run = newest_run(filled)
    assert run.job == "colorize_images"
    assert run.requested_by == "ann"
    assert run.parameters == {
        "query": "color:red", "levels": ["complete", "partial", "scarce"], "checkpoint": "mini", "seeds": [0, 2, 3], "steps": 12,
        "guidance": None, "instances": True, "preset": None, "expected": None, "pins": [], "palette": [],
    }  # fmt: skip


@pytest.mark.parametrize("seeds", ["one", "3-", "0-5000", " "])
@pytest.mark.slow
def test_seeds_that_are_none_are_refused_in_a_sentence(filled, seeds):
    app = visit("colorize")
    field(app, "Seeds").set_value(seeds)
    button(app, "Colorize 4 images").click().run()
    assert "seed" in app.error[0].value
    assert newest_run(filled).job == "import_images"


@pytest.mark.slow
def test_a_region_is_removed_and_its_removal_can_be_undone(filled):
    app = visit("ground", image="1")
    app.button(key="remove-1").click().run()
    with writing(filled) as session:
        assert regions.of_image(session, 1) == []
        events.undo(session, events.history(session, "region", 1)[-1].id, actor="ann")
        assert len(regions.of_image(session, 1)) == 1


@pytest.mark.slow
def test_a_run_is_cancelled_and_resumed_from_its_page(filled):
    with writing(filled) as session:
        runs.create(session, "thumbnails", {}, requested_by="ann")
    app = visit("runs", ["run-2"])
    queues = app.dataframe[0].value
    assert queues[["queue", "waiting", "working", "time left"]].to_dict("records") == [
        {"queue": "files", "waiting": 1, "working": 0, "time left": "unknown"}
    ]
    app.button(key="stop-2").click().run()
    assert newest_run(filled).status == RunStatus.CANCELLED
    app.button(key="resume-2").click().run()
    assert newest_run(filled).status == RunStatus.QUEUED


@pytest.mark.slow
def test_a_study_is_designed_opened_and_closed(filled):
    app = visit("studies", ["new-study"])
    field(app, "Name").set_value("levels")
    app.multiselect(key="design-between").set_value(["level"])
    app.checkbox(key="design-trap").set_value(False)
    app.run()
    button(app, "Create").click().run()
    assert any("levels" in str(radio.options) and "draft" in str(radio.proto.captions) for radio in app.radio)
    with reading(filled) as session:
        study = studies.by_name(session, "levels")
    assert (study.votes_per_trial, study.method) == (3, "pair")
    assert study.design == {"trap": False, "stimuli": {"between": ["level"]}}
    button(app, "Open").click().run()
    button(app, "Close").click().run()
    with reading(filled) as session:
        assert studies.by_name(session, "levels").status == "closed"


@pytest.mark.slow
def test_a_study_of_nothing_comparable_is_refused_in_a_sentence(filled):
    app = visit("studies", ["new-study"])
    field(app, "Name").set_value("seeds")
    app.multiselect(key="design-between").set_value(["seed"]).run()
    button(app, "Create").click().run()
    assert "no trial" in app.error[0].value


@pytest.mark.slow
def test_invitations_are_shown_once_and_open_the_rating_page(filled):
    app = visit("studies", view="Raters")
    button(app, "Make links").click().run()
    links = app.code[0].value.splitlines()
    assert len(links) == 5
    token = links[0].partition("/r/")[2]
    with reading(filled) as session:
        assert studies.authenticate(session, token).study_id == 1
    app.run()
    assert token not in texts(app)


def test_a_log_that_is_being_written_gives_its_whole_rows_only(tmp_path):
    log = tmp_path / "log.jsonl"
    log.write_text('{"step": 0, "validation_loss": 0.5}\n{"step": 10, "loss": 0.4}\n{"step": 20, "lo')
    assert training_curve.rows_of(log) == [{"step": 0, "validation_loss": 0.5}, {"step": 10, "loss": 0.4}]


@pytest.mark.slow
def test_grounding_one_image_is_asked_for_on_its_page(filled):
    button(visit("ground", image="2"), "Find masks for all phrases").click().run()
    assert newest_run(filled).parameters["query"] == "id:2"


@pytest.mark.slow
def test_masks_are_asked_for_in_all_images_that_the_search_shows(filled):
    app = visit("ground", q="color:red OR color:blue")
    app.button(key="find-in-all").click().run()
    run = newest_run(filled)
    assert (run.job, run.parameters["query"]) == ("ground_phrases", "color:red OR color:blue")


@pytest.mark.slow
def test_what_is_queued_already_is_not_queued_again(filled):
    """Enter in a field of a form asks, and then the form's button asks for the same."""
    app = visit("colorize")
    button(app, "Colorize 4 images").click().run()
    first = newest_run(filled).id
    button(app, "Colorize 4 images").click().run()
    assert newest_run(filled).id == first
    assert f"as run {first}" in app.toast[0].value
    field(app, "Seeds").set_value("7")
    button(app, "Colorize 4 images").click().run()
    assert newest_run(filled).id == first + 1


@pytest.mark.slow
def test_while_it_colors_the_page_does_not_ask_to_press_the_button(filled, monkeypatch):
    monkeypatch.setattr(colorizations, "find", lambda *_args, **_options: [])
    app = visit("colorize")
    assert "press Colorize" in texts(app)
    with writing(filled) as session:
        runs.create(session, "colorize_images", {"query": ""}, requested_by="ann")
    assert "press Colorize" not in texts(app.run())


def test_two_picked_colorizations_are_compared_until_the_comparison_is_closed(filled, monkeypatch):
    compared = []
    monkeypatch.setattr(matrix, "matrix", lambda *_args, **_options: [1, 2])
    monkeypatch.setattr(compare, "compare", lambda left, right, **_options: compared.append((left[1], right[1])))
    said = texts(visit("colorize"))
    assert compared[-1] == ("1 · mini seed 0", "2 · mini seed 0")
    assert "adherence 90%" in said


@pytest.mark.slow
def test_a_rater_is_excluded_with_a_reason_and_another_forgotten_on_the_page(filled):
    with reading(filled) as session:
        names = [rater.pseudonym for _, rater in studies.invitations(session, 1)]
    app = visit("studies", view="Raters")
    app.selectbox(key="rater-1").set_value(names[0])
    app.button(key="act-1").click().run()
    assert "Say why" in app.error[0].value
    app.text_input(key="reason-1").set_value("asked to be left out")
    app.button(key="act-1").click().run()
    app.selectbox(key="rater-1").set_value(names[1]).run()
    app.selectbox(key="action-1").set_value("export").run()
    app.button(key="act-1").click().run()
    assert "Keep as a file" in [button.proto.label for button in app.get("download_button")]
    app.selectbox(key="action-1").set_value("forget").run()
    assert app.button(key="act-1").disabled
    app.checkbox(key="sure-1").set_value(True).run()
    app.button(key="act-1").click().run()
    with reading(filled) as session:
        left = {rater.pseudonym: invitation.exclusion_reason for invitation, rater in studies.invitations(session, 1)}
    assert left == {names[0]: "asked to be left out", names[2]: None, names[3]: None}


@pytest.mark.slow
def test_a_design_is_made_from_its_text_and_what_is_wrong_in_it_is_said(filled):
    app = visit("studies", ["new-study"])
    app.text_area(key="design-text").set_value("name: from text\nquestion: Which?\nmethod: duel").run()
    app.button(key="design-create-text").click().run()
    assert "line 3, `method`" in app.error[0].value
    app.text_area(key="design-text").set_value("name: from text\nquestion: Which?\nmethod: choice\nstimuli: {between: [checkpoint]}").run()
    app.button(key="design-create-text").click().run()
    with reading(filled) as session:
        assert studies.by_name(session, "from text").method == "choice"
