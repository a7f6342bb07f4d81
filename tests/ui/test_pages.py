"""Every page, full and empty and with a query that cannot be read."""

import pytest
from sqlalchemy import update

from db.models import Checkpoint
from tests.stores import writing
from tests.ui.conftest import texts, visit
from workbench import colorizations, overview, releases, runs
from workbench.colorizations import checkpoints
from workbench.ui.components import loop

pytestmark = pytest.mark.slow


PAGES = (
    "home", "guide", "library", "caption", "ground", "checks", "edits", "colorize", "try_colors", "studies", "rate", "review", "releases",
    "checkpoints",
    "runs", "settings",
)  # fmt: skip

FULL = {
    "home": ["Waiting for you", "Newest colorizations", "Adherence over time", "Agreement of raters"],
    "guide": ["The same on every page", "## Words"],
    "library": ["4 images in the store", "all 4 images"],
    "caption": ["Caption"],
    "ground": ["1 mask", "box · 21.9% · by a person"],
    "checks": ["every check of captions and masks came out clean", "compared with the original's pixels"],
    "edits": ["see the result first"],
    "colorize": ["Pick any two results"],
    "try_colors": ["forgotten unless you keep a result"],
    "studies": ["Which fits the description?", "given by simulated raters", "six raters or more"],
    "rate": ["one against two"],
    "review": ["Adherence **90%**", "won"],
    "releases": ["Create your first one"],
    "checkpoints": ["**mini** · in use", "mini → **mini"],
    "runs": ["No worker is running"],
    "settings": ["## Store", "Holds 4 images, 12 captions and 24 colorizations"],
}

EMPTY = {
    "home": "Begin with my own photos",
    "guide": "The same on every page",
    "library": "Import your own, or start with the demo",
    "caption": "Import images in the Library first",
    "ground": "Import images with captions first",
    "checks": "What is probably wrong is listed here",
    "edits": "Captions are changed here, many at once",
    "colorize": "Import some in the Library",
    "try_colors": "Drop a photo, or pick one from the library",
    "studies": "Studies ask people which colorization is better",
    "rate": "No study is open now",
    "review": "First it takes photos with captions",
    "releases": "Versions of the project are frozen here",
    "checkpoints": "Create one first",
    "runs": "Nothing has run here yet",
    "settings": "No worker is running",
}

SEARCHED = ("library", "caption", "ground", "colorize", "review")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.slow
def test_a_page_shows_what_the_store_holds(filled, name):
    said = texts(visit(name))
    for words in FULL[name]:
        assert words in said


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.slow
def test_an_empty_page_says_what_belongs_there_and_how_to_begin(empty, name):
    assert EMPTY[name] in texts(visit(name))


@pytest.mark.parametrize("name", SEARCHED)
def test_a_query_that_cannot_be_read_is_a_sentence_on_the_page(filled, name):
    errors = [element.value for element in visit(name, q="level:purple").error]
    assert any('"purple"' in error for error in errors)


@pytest.mark.parametrize("name", ["library", "caption", "ground", "colorize"])
@pytest.mark.slow
def test_a_query_without_a_match_says_so(filled, name):
    said = texts(visit(name, q="tag:nothing"))
    assert "clear the" in said


@pytest.mark.slow
def test_an_empty_store_offers_an_own_folder_first_and_then_the_demo(empty):
    app = visit("home")
    assert [button.label for button in app.button] == ["Import", "Import", "Make the demo"]
    app.button[2].click().run()
    assert "Make the demo" in "".join(str(bar.proto) for bar in app.get("progress"))
    assert "Make the demo" not in [button.label for button in app.button], "what is being made is not offered again"
    assert "The demo is being made" in texts(app)


def test_home_names_what_waits_for_a_person_most_useful_first(filled):
    assert _steps() == ["Rate in an open study", "Review 24 colorizations"]


@pytest.mark.slow
def test_home_does_not_ask_for_what_is_being_done(filled, monkeypatch):
    counted = overview.counts
    monkeypatch.setattr(overview, "counts", lambda session: counted(session) | {"colorizations": 0})
    monkeypatch.setattr(colorizations, "newest", lambda session, limit: [])
    assert "Colorize the captioned images" in _steps()
    with writing(filled) as session:
        runs.create(session, "colorize_images", {}, requested_by="ann")
    home = visit("home")
    assert not [link for link in home.get("page_link") if "Colorize" in link.proto.label]
    assert "They are being made" in texts(home)


@pytest.mark.slow
def test_home_asks_to_retrain_on_a_release_once_and_then_to_look_at_what_came_of_it(filled):
    with writing(filled) as session:
        release = releases.create(session, filled.media, name="first", author="ann")
    assert "Train with the newest release" in _steps()
    with writing(filled) as session:
        row = checkpoints.register(session, name="mini-3", location="c/mini-3", digest="3" * 64, release_id=release.id)
    assert "See how mini\\-3 does, and put it to use" in _steps()
    with writing(filled) as session:
        checkpoints.promote(session, row.id, actor="ann")
    assert not [words for words in _steps() if "Train" in words or "put it to use" in words]


def _steps() -> list[str]:
    labels = [str(link.proto.label) for link in visit("home").get("page_link")]
    return [label for label in labels if label != "How this page works"]


def test_home_names_the_model_that_comes_with_the_package_before_it_was_used(filled, monkeypatch):
    stations = []
    monkeypatch.setattr(loop, "loop", lambda shown, *, key: stations.extend(shown))
    with writing(filled) as session:
        session.execute(update(Checkpoint).values(location="elsewhere", promoted_at=None))
    visit("home")
    assert (stations[-1].value, stations[-1].note) == ("mini", "is in use")


@pytest.mark.slow
def test_a_runs_reasons_are_one_click_away(filled):
    table = next(one.value for one in visit("runs", ["run-1"]).dataframe if "item" in one.value)
    assert list(table["item"]) == ["broken.png"]
    assert list(table["why"]) == ["The file ends in the middle of the picture."]


@pytest.mark.slow
def test_home_says_what_failed_and_why_until_it_went_well(filled):
    with writing(filled) as session:
        failed = runs.create(session, "colorize_images", {}, requested_by="ann")
        runs.fail(session, failed.id, "The weights are not installed.")
    said = texts(visit("home"))
    assert "**Colorize** failed" in said
    assert "The weights are not installed" in said
    with writing(filled) as session:
        again = runs.create(session, "colorize_images", {}, requested_by="ann")
        runs.start(session, again.id)
        runs.finish(session, again.id, {})
    assert "failed" not in texts(visit("home"))
