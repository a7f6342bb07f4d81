"""Pages are run as a visitor runs them: through the frame, over a store in a folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from db.session import Engines, connect, transaction
from tests.ui.store import Filled, fill

ROOT = Path(__file__).parents[2]
APP = ROOT / "streamlit_app.py"
SECONDS = 180


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory) -> Filled:
    """A filled store, made once; tests work on copies."""
    return fill(tmp_path_factory.mktemp("filled") / "home")


@pytest.fixture
def filled(filled_once, tmp_path, monkeypatch) -> Filled:
    """A filled store of the test's own, with the app pointed at it."""
    home = tmp_path / "home"
    shutil.copytree(filled_once.home, home)
    monkeypatch.setenv("WORKBENCH_HOME", str(home))
    monkeypatch.setenv("WORKBENCH_ACTOR", "ann")
    return Filled(home, filled_once.tokens)


@pytest.fixture
def empty(tmp_path, monkeypatch) -> Path:
    """The home of a store with nothing in it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("WORKBENCH_ACTOR", "ann")
    return tmp_path / "home"


def visit(name: str, **query: str) -> AppTest:
    """The app on the page `name`, with a query in its address; no page may end in a traceback."""
    app = AppTest.from_file(str(APP), default_timeout=SECONDS)
    app.query_params.update(query)
    app.run()
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


@contextmanager
def reading(filled: Filled) -> Iterator[Session]:
    """A look into the store behind the pages."""
    with _store(filled) as engines, transaction(engines.reader) as session:
        yield session


@contextmanager
def writing(filled: Filled) -> Iterator[Session]:
    """A change of the store behind the pages' back."""
    with _store(filled) as engines, transaction(engines.writer) as session:
        yield session


@contextmanager
def _store(filled: Filled) -> Iterator[Engines]:
    engines = connect(f"sqlite:///{filled.home / 'workbench.sqlite'}")
    yield engines
    engines.dispose()
