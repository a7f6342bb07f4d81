"""Pages are run as a visitor runs them: through the frame, over a store in a folder."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import altair as alt
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests import stores
from tests.stores import Filled, writing
from tests.ui.rater_client import design
from tests.ui.visitors import RECRUITMENT
from workbench.studies import recruitment
from workbench.ui.app import rater_access, server
from workbench.ui.rating import app

ROOT = Path(__file__).parents[2]
APP = ROOT / "streamlit_app.py"
SECONDS = 180


@pytest.fixture(autouse=True, scope="session")
def components_are_looked_for_once():
    """A page's first run in AppTest reads what every installed package says of itself, to find components: most of what the run takes."""
    with pytest.MonkeyPatch.context() as once:
        once.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def charts_are_checked(monkeypatch):
    """Every chart that a page draws is checked against Vega-Lite's schema, which pages leave out for its time."""
    checked = alt.TopLevelMixin.to_dict
    for kind in (alt.LayerChart, alt.HConcatChart):  # what pages draw; of their parts each is checked as a part
        monkeypatch.setattr(kind, "to_dict", lambda chart, validate=True, **more: checked(chart, **more))


@pytest.fixture
def filled(filled_once, tmp_path, monkeypatch) -> Filled:
    """A filled store of the test's own, with the app pointed at it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_ACTOR", "ann")
    return filled_once.copied(tmp_path / "home")


@pytest.fixture
def empty(tmp_path, monkeypatch) -> Path:
    """The home of a store with nothing in it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_ACTOR", "ann")
    stores.empty(tmp_path / "home" / "workbench.sqlite").dispose()
    return tmp_path / "home"


@pytest.fixture
def client(filled):
    """A browser before the raters' pages of the store."""
    return TestClient(Starlette(routes=[*app.routes(), *rater_access.routes()], middleware=server.middleware()))


@pytest.fixture
def link(filled):
    """A recruitment link of the open study, for which two people are wanted."""
    design(filled, recruitment=RECRUITMENT, trials_per_rater=2, display="off", color_vision="off")
    with writing(filled) as session:
        return recruitment.create_link(session, 1, cap=2, actor="ann")[1]


def visit(name: str, unfolded: Sequence[str] = (), **query: str) -> AppTest:
    """The app on the page `name`, with a query in its address and folds opened by their keys; no page may end in a traceback."""
    app = AppTest.from_file(str(APP), default_timeout=SECONDS)
    for key in unfolded:
        app.session_state[key] = True
    if name != "home":
        app.switch_page(f"workbench/ui/pages/{name}.py")
    app.query_params.update(query)
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def texts(app: AppTest) -> str:
    """Everything that the page says in words."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "success", "text", "code")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))
