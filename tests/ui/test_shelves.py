"""A library of more than one shelf is gone through shelf by shelf, by buttons and by keys."""

import pytest

from db.models import Image
from tests.stores import writing
from tests.ui.conftest import texts, visit
from workbench.ui.components import gallery, keys

pytestmark = pytest.mark.slow


@pytest.fixture
def many(filled):
    """Of 150 images, 146 without a file: nothing is read of them."""
    with writing(filled) as session:
        for number in range(146):
            facts = {
                "sha256": f"{number:064}", "pixel_hash": f"{number:064}", "phash": number, "media_key": "x", "upright_key": "x",
                "file_name": f"{number}.png", "source": "many", "format": "PNG", "width": 4, "height": 3, "bit_depth": 8,
                "has_reference": True, "colorfulness": 10.0, "mean_lightness": 50.0,
            }  # fmt: skip
            session.add(Image(**facts))


@pytest.fixture
def shown(monkeypatch):
    """The ids of the tiles of each draw."""
    draws = []

    def draw(tiles, *, key, **_options):
        if key == "library-gallery":
            draws.append([tile.id for tile in tiles])
        return [], None

    monkeypatch.setattr(gallery, "gallery", draw)
    return draws


@pytest.mark.slow
def test_shelves_follow_each_other_and_none_is_left_out(many, shown):
    app = visit("library")
    assert "150 images in the store · 1–60 shown" in texts(app)
    assert app.button(key="page-back").disabled
    app.button(key="page-on").click().run()
    assert "61–120 shown" in texts(app)
    app.button(key="page-on").click().run()
    assert "121–150 shown" in texts(app)
    assert app.button(key="page-on").disabled
    assert shown[-1] == list(range(30, 0, -1))
    app.button(key="page-back").click().run()
    assert shown[-1] == list(range(90, 30, -1))


@pytest.mark.slow
def test_page_down_and_up_turn_the_shelves_and_another_query_begins_at_the_first(many, shown, monkeypatch):
    pressed = ["PageUp", "PageDown", "PageDown"]
    waiting: list[str] = []
    monkeypatch.setattr(keys, "keys", lambda *_args, turns, **_options: waiting and turns[waiting.pop()]())
    app = visit("library")
    while pressed:
        waiting.append(pressed.pop())
        app.run()
    assert "61–120 shown" in texts(app)
    app.query_params["q"] = "source:many"
    app.run()
    assert "146 images match · 1–60 shown" in texts(app)


def test_a_library_of_one_shelf_has_nothing_to_turn(filled, shown):
    app = visit("library")
    assert "shown" not in texts(app)
    assert not [button for button in app.button if button.key in ("page-on", "page-back")]
