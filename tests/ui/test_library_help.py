"""Credits, likenesses and a model's help from the pages: what is set, what is asked of the workers, and what is said where nothing is."""

import numpy as np
import pytest

from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import images, runs, vision_language
from workbench.images import features
from workbench.ui.library import map_view

pytestmark = pytest.mark.slow


def button(app, label):
    return next(button for button in app.button if button.label == label)


def field(app, label):
    return [field for field in app.text_input if field.label == label][-1]  # the form of an import comes before


def test_credits_of_all_that_match_are_set_and_z_undoes_them(filled, monkeypatch):
    from workbench.ui.components import keys

    app = visit("library")
    field(app, "License").set_value("CC BY 4.0")
    button(app, "Set").click().run()
    with reading(filled) as session:
        assert {image.license for image in images.find(session)} == {"CC BY 4.0"}
    pressed = ["z"]
    monkeypatch.setattr(keys, "keys", lambda *_arguments, **_options: pressed.pop() if pressed else None)
    app.run()
    with reading(filled) as session:
        assert "CC BY 4.0" not in {image.license for image in images.find(session)}


def test_a_library_without_features_says_so_and_asks_the_workers_for_them(filled):
    app = visit("library")
    app.segmented_control[0].set_value("Map").run()
    assert "The pictures have not been compared yet" in texts(app)
    button(app, "Compare the pictures").click().run()
    with reading(filled) as session:
        assert runs.listing(session, limit=1)[0].job == "picture_features"


def test_a_box_on_the_map_becomes_the_query_and_the_inspector_leads_to_more_like_it(filled, monkeypatch):
    with writing(filled) as session:
        keys = sorted(images.ids(session))
        features.keep(session, {key: np.array([1.0, key]) / np.hypot(1.0, key) for key in keys}, "test")
        features.place(session, keys, np.array([[100 * place, 500] for place in range(len(keys))]))
    drawn, areas = [], [[150, 400, 250, 600]]

    def draw(points, **options):
        drawn.append(points)
        return None, areas.pop() if areas else None

    monkeypatch.setattr(map_view, "library_map", draw)
    app = visit("library")
    app.segmented_control[0].set_value("Map").run()
    assert app.query_params["q"] == "map:150x400-250x600"
    assert [point.id for point in drawn[-1] if point.match] == [keys[2]]
    app = visit("library", q=f"like:{keys[0]}")
    assert f"{len(keys)} images match" in texts(app)


def test_a_model_is_set_on_the_settings_page_and_asked_from_the_library_alone(filled):
    app = visit("library")
    button(app, "Propose captions").click().run()
    assert "No vision-language model is set" in texts(app)
    app = visit("settings")
    field(app, "Base address").set_value("nowhere")
    field(app, "Model").set_value("eyes")
    button(app, "Save").click().run()
    assert "is no address of a model" in texts(app)
    field(app, "Base address").set_value("http://localhost:8000/v1")
    field(app, "Model").set_value("eyes")
    button(app, "Save").click().run()
    with reading(filled) as session:
        assert vision_language.kept(session).model == "eyes"
        assert all(run.job != "propose_captions" for run in runs.listing(session))
    app = visit("library")
    button(app, "Propose captions").click().run()
    with reading(filled) as session:
        run = runs.listing(session, limit=1)[0]
    assert (run.job, run.parameters["model"], run.parameters["prompt"]) == ("propose_captions", "eyes", vision_language.PROMPT)
