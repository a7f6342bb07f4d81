"""What is asked for on a page becomes a run with the right parameters; runs are cancelled and resumed."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from db.enums import RunStatus
from db.models import Landmarks
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import images, regions, runs, studies
from workbench.store import events
from workbench.ui.components import compare, gallery, matrix
from workbench.ui.shared import training_curve


def _newest_run(filled):
    with reading(filled) as session:
        return runs.listing(session, limit=1)[0]


def _button(app, label):
    return next(button for button in app.button if button.label == label)


@pytest.mark.slow
def test_colorizing_asks_for_the_levels_seeds_and_settings_on_the_form(filled):
    app = visit("colorize", q="color:red")
    _field(app, "Seeds").set_value("0, 2-3")
    app.number_input[0].set_value(12)
    _button(app, "Colorize").click().run()
    run = _newest_run(filled)
    assert run.job == "colorize_images"
    assert run.requested_by == "ann"
    assert run.parameters == {
        "query": "color:red", "levels": ["complete", "partial", "scarce"], "checkpoint": "mini", "seeds": [0, 2, 3], "steps": 12,
        "guidance": None, "instances": True, "preset": None, "expected": None, "pins": [], "palette": [],
    }  # fmt: skip


def _field(app, label):
    return next(field for field in app.text_input if field.label == label)


@pytest.mark.parametrize("seeds", ["one", "3-", "0-5000", " "])
@pytest.mark.slow
def test_seeds_that_are_none_are_refused_in_a_sentence(filled, seeds):
    app = visit("colorize")
    _field(app, "Seeds").set_value(seeds)
    _button(app, "Colorize").click().run()
    assert "seed" in app.error[0].value
    assert _newest_run(filled).job == "import_images"


@pytest.mark.slow
def test_a_path_is_imported_by_the_workers_and_a_wrong_one_is_said_at_once(filled):
    app = visit("library")
    for path in (f"{filled.home}/phtos", str(filled.home)):
        _field(app, "Folder, file or archive (path on the server)").set_value(path)
        [button] = [button for button in app.button if button.label == "Import" and "by-path" in button.proto.form_id]
        button.click().run()
        if path.endswith("phtos"):
            assert "There is no file or folder" in app.error[0].value
    assert _newest_run(filled).parameters["paths"] == [str(filled.home)]


@pytest.mark.slow
def test_an_image_that_a_study_shows_is_not_deleted(filled):
    with writing(filled) as session:
        bare = images.ids(session)[0]
    app = visit("library", q=f"id:{bare}")
    _button(app, "Delete 1 image").click().run()
    assert "shown in a study" in app.error[0].value
    with reading(filled) as session:
        assert images.count(session) == 4


@pytest.mark.slow
def test_scenes_are_composed_of_what_matches(filled):
    app = visit("library", q="color:red")
    next(field for field in app.number_input if field.label == "Scenes").set_value(12)
    _button(app, "Compose").click().run()
    run = _newest_run(filled)
    assert (run.job, run.requested_by) == ("compose_scenes", "ann")
    assert run.parameters == {"query": "color:red", "count": 12, "seed": 0, "size": 256, "objects": 3}


@pytest.mark.slow
def test_a_tag_is_put_on_all_that_match_and_taken_off_again(filled):
    app = visit("library", q="color:red")
    _field(app, "Tag").set_value("night")
    _button(app, "Add").click().run()
    with reading(filled) as session:
        assert [image.file_name for image in images.find(session, "tag:night")] == ["red-box.png"]
    _field(app, "Tag").set_value("night")
    _button(app, "Remove").click().run()
    with reading(filled) as session:
        assert images.count(session, "tag:night") == 0


@pytest.mark.slow
def test_the_inspector_shows_the_image_that_was_chosen_last(filled, monkeypatch):
    monkeypatch.setattr(gallery, "gallery", lambda _tiles, *, key, **_options: ([2, 3] if key == "library-gallery" else [], None))
    said = texts(visit("library"))
    assert "2 chosen images" in said
    assert "blue\\-box\\.png" in said


@pytest.mark.slow
def test_the_inspector_offers_to_look_for_crops_of_an_image_that_was_not_compared(filled, monkeypatch):
    monkeypatch.setattr(gallery, "gallery", lambda _tiles, *, key, **_options: ([2] if key == "library-gallery" else [], None))
    with writing(filled) as session:
        session.execute(delete(Landmarks))
    _button(visit("library"), "Look for crops").click().run()
    run = _newest_run(filled)
    assert (run.job, run.requested_by) == ("compare_images", "ann")
    with writing(filled) as session:
        session.add(Landmarks(image_id=2, keys=b"", points=b""))
    assert "Look for crops" not in [button.label for button in visit("library").button]


@pytest.mark.slow
def test_an_image_opened_in_the_gallery_is_shown_on_the_caption_page(filled, monkeypatch):
    opened = {"library-gallery": 3}
    monkeypatch.setattr(gallery, "gallery", lambda *_args, key, **_options: ([], opened.pop(key, None)))
    app = visit("library")
    assert app.query_params["image"] == "3"


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
    app = visit("runs")
    app.button(key="stop-2").click().run()
    assert _newest_run(filled).status == RunStatus.CANCELLED
    app.button(key="resume-2").click().run()
    assert _newest_run(filled).status == RunStatus.QUEUED


@pytest.mark.slow
def test_a_study_is_designed_opened_and_closed(filled):
    app = visit("studies")
    _field(app, "Name").set_value("levels")
    app.multiselect(key="design-between").set_value(["level"])
    app.checkbox(key="design-trap").set_value(False)
    app.run()
    _button(app, "Create").click().run()
    assert any("levels · draft" in str(box.options) for box in app.selectbox)
    with reading(filled) as session:
        study = studies.by_name(session, "levels")
    assert (study.votes_per_trial, study.method) == (3, "pair")
    assert study.design == {"trap": False, "stimuli": {"between": ["level"]}}
    _button(app, "Open").click().run()
    _button(app, "Close").click().run()
    with reading(filled) as session:
        assert studies.by_name(session, "levels").status == "closed"


@pytest.mark.slow
def test_a_study_of_nothing_comparable_is_refused_in_a_sentence(filled):
    app = visit("studies")
    _field(app, "Name").set_value("seeds")
    app.multiselect(key="design-between").set_value(["seed"]).run()
    _button(app, "Create").click().run()
    assert "no trial" in app.error[0].value


@pytest.mark.slow
def test_invitations_are_shown_once_and_open_the_rating_page(filled):
    app = visit("studies")
    _button(app, "Make links").click().run()
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
def test_a_bulk_action_covers_the_chosen_images_only(filled, monkeypatch):
    monkeypatch.setattr(gallery, "gallery", lambda _tiles, *, key, **_options: ([2, 4] if key == "library-gallery" else [], None))
    _button(visit("library"), "Ground").click().run()
    run = _newest_run(filled)
    assert (run.job, run.parameters["query"]) == ("ground_phrases", "id:2,4")


@pytest.mark.slow
def test_grounding_one_image_is_asked_for_on_its_page(filled):
    _button(visit("ground", image="2"), "Ground this image's phrases").click().run()
    assert _newest_run(filled).parameters["query"] == "id:2"


def test_two_picked_colorizations_are_compared_until_the_comparison_is_closed(filled, monkeypatch):
    compared = []
    monkeypatch.setattr(matrix, "matrix", lambda *_args, **_options: [1, 2])
    monkeypatch.setattr(compare, "compare", lambda left, right, **_options: compared.append((left[1], right[1])))
    said = texts(visit("colorize"))
    assert compared[-1] == ("1 · mini seed 0", "2 · mini seed 0")
    assert "adherence 90%" in said


@pytest.mark.slow
def test_uploads_are_kept_for_the_workers_with_their_captions_beside_them(filled):
    app = visit("library")
    table = b'{"box.png": ["a red box"]}'
    app.file_uploader[0].set_value([("box.png", b"pixels", "image/png"), ("captions.json", table, "application/json")])
    [button] = [button for button in app.button if button.label == "Import" and "upload" in button.proto.form_id]
    button.click().run()
    parameters = _newest_run(filled).parameters
    folder, described = parameters["paths"]
    assert [path.read_bytes() for path in Path(folder).iterdir()] == [b"pixels"]
    assert Path(described).read_bytes() == table
    assert Path(folder).is_relative_to(filled.home / "uploads")


@pytest.mark.slow
def test_an_uploaded_archive_is_imported_as_itself(filled):
    app = visit("library")
    app.file_uploader[0].set_value([("photos.zip", b"PK", "application/zip")])
    [button] = [button for button in app.button if button.label == "Import" and "upload" in button.proto.form_id]
    button.click().run()
    [path] = _newest_run(filled).parameters["paths"]
    assert path.endswith("photos.zip")


@pytest.mark.slow
def test_a_rater_is_excluded_with_a_reason_and_another_forgotten_on_the_page(filled):
    with reading(filled) as session:
        names = [rater.pseudonym for _, rater in studies.invitations(session, 1)]
    app = visit("studies")
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
    app = visit("studies")
    app.text_area(key="design-text").set_value("name: from text\nquestion: Which?\nmethod: duel").run()
    app.button(key="design-create-text").click().run()
    assert "line 3, `method`" in app.error[0].value
    app.text_area(key="design-text").set_value("name: from text\nquestion: Which?\nmethod: choice\nstimuli: {between: [checkpoint]}").run()
    app.button(key="design-create-text").click().run()
    with reading(filled) as session:
        assert studies.by_name(session, "from text").method == "choice"
