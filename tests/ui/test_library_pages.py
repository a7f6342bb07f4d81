"""Library: imports, uploads, tags, composing and the inspector ask for the right thing, of the images that are meant."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from db.models import Landmarks
from tests.stores import reading, writing
from tests.ui.asked_runs import button, field, newest_run
from tests.ui.conftest import texts, visit
from workbench import images
from workbench.ui.components import gallery, keys


@pytest.mark.slow
def test_a_path_is_imported_by_the_workers_and_a_wrong_one_is_said_at_once(filled):
    app = visit("library")
    for path in (f"{filled.home}/phtos", str(filled.home)):
        field(app, "Folder, file or archive (path on the server)").set_value(path)
        [button] = [button for button in app.button if button.label == "Import" and "by-path" in button.proto.form_id]
        button.click().run()
        if path.endswith("phtos"):
            assert "There is no file or folder" in app.error[0].value
    assert newest_run(filled).parameters["paths"] == [str(filled.home)]


@pytest.mark.slow
def test_an_image_that_a_study_shows_is_not_deleted(filled):
    with writing(filled) as session:
        bare = images.ids(session)[0]
    app = visit("library", q=f"id:{bare}")
    button(app, "Delete 1 image").click().run()
    assert "shown in a study" in app.error[0].value
    with reading(filled) as session:
        assert images.count(session) == 4


@pytest.mark.slow
def test_scenes_are_composed_of_what_matches(filled):
    app = visit("library", q="color:red")
    next(field for field in app.number_input if field.label == "Scenes").set_value(12)
    button(app, "Compose").click().run()
    run = newest_run(filled)
    assert (run.job, run.requested_by) == ("compose_scenes", "ann")
    assert run.parameters == {"query": "color:red", "count": 12, "seed": 0, "size": 256, "objects": 3}


@pytest.mark.slow
def test_a_tag_is_put_on_all_that_match_and_taken_off_again(filled):
    app = visit("library", q="color:red")
    field(app, "Tag").set_value("night")
    button(app, "Add").click().run()
    with reading(filled) as session:
        assert [image.file_name for image in images.find(session, "tag:night")] == ["red-box.png"]
    field(app, "Tag").set_value("night")
    button(app, "Remove").click().run()
    with reading(filled) as session:
        assert images.count(session, "tag:night") == 0


@pytest.mark.slow
def test_z_undoes_a_tag_that_was_put_on_many(filled, monkeypatch):
    pressed: list[str] = []
    monkeypatch.setattr(keys, "keys", lambda *_args, **_options: pressed.pop() if pressed else None)
    app = visit("library", q="color:red")
    field(app, "Tag").set_value("night")
    button(app, "Add").click().run()
    with reading(filled) as session:
        assert images.count(session, "tag:night") == 1
    pressed.append("z")
    app.run()
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
    button(visit("library"), "Look for crops").click().run()
    run = newest_run(filled)
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
def test_a_bulk_action_covers_the_chosen_images_only(filled, monkeypatch):
    monkeypatch.setattr(gallery, "gallery", lambda _tiles, *, key, **_options: ([2, 4] if key == "library-gallery" else [], None))
    button(visit("library"), "Find masks").click().run()
    run = newest_run(filled)
    assert (run.job, run.parameters["query"]) == ("ground_phrases", "id:2,4")


@pytest.mark.slow
def test_uploads_are_kept_for_the_workers_with_their_captions_beside_them(filled):
    app = visit("library")
    table = b'{"box.png": ["a red box"]}'
    app.file_uploader[0].set_value([("box.png", b"pixels", "image/png"), ("captions.json", table, "application/json")])
    [button] = [button for button in app.button if button.label == "Import" and "upload" in button.proto.form_id]
    button.click().run()
    parameters = newest_run(filled).parameters
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
    [path] = newest_run(filled).parameters["paths"]
    assert path.endswith("photos.zip")
