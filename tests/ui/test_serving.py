"""The server: one configuration, sentences instead of tracebacks, a cookie that keeps a rater a rater, a light import."""

import subprocess
import sys
import tomllib

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from tests.ui.conftest import APP, ROOT
from workbench.ui.app import password, rater_access, server
from workbench.ui.app.password_attempts import Guesses

PACKAGED = ROOT / "workbench" / "ui" / "config.toml"


def test_a_checkout_and_an_installed_package_have_the_same_configuration():
    assert (ROOT / ".streamlit" / "config.toml").read_text() == PACKAGED.read_text()


def test_the_packaged_configuration_holds_where_nothing_else_was_set(monkeypatch):
    settled: dict[str, object] = {}
    monkeypatch.setattr(config, "is_manually_set", lambda option: option == "server.address")
    monkeypatch.setattr(config, "set_option", lambda option, value, _where: settled.__setitem__(option, value))
    server.configure()
    assert settled["browser.gatherUsageStats"] is False
    assert settled["theme.light.backgroundColor"] == "#e9e9e9"
    assert "server.address" not in settled


@pytest.mark.slow
def test_what_pages_are_drawn_with_is_imported_at_the_start_and_never_torch():
    code = "import sys; from workbench.ui.app import server; server.warm_up().join(); print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert {"workbench.ui.review.review_view", "workbench.ui.study.report_view", "workbench.ui.shared.charts"} <= set(modules)
    assert not {"torch", "workbench.ui.pages.home"} & set(modules)


def test_every_option_of_the_configuration_is_known_to_streamlit():
    for option, _ in server._flat(tomllib.loads(PACKAGED.read_text())):
        config.get_option(option)


def test_the_entry_point_is_found_as_an_application():
    assert discover_asgi_app(APP).import_string == "streamlit_app:app"


@pytest.mark.slow
def test_an_error_of_the_domain_is_shown_as_its_sentence_and_any_other_as_one_of_ours():
    def script():
        import streamlit as st

        from workbench.errors import ConflictError
        from workbench.ui.app import server

        server.sentence_for(ConflictError("It is there already."))
        server.sentence_for(KeyError("secret detail"))
        st.write("still here")

    app = AppTest.from_function(script).run()
    shown = [error.value for error in app.error]
    assert shown[0] == "It is there already."
    assert "unexpected" in shown[1]
    assert "secret" not in shown[1]


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("page"))])
    app.add_middleware(rater_access.RaterGate)
    return TestClient(app)


def test_a_raters_browser_is_refused_everything_but_its_own_page(client):
    client.headers["Cookie"] = rater_access.rater_cookie("abc-_1").split(";")[0]
    for path in ("/", "/library?q=token", "/_stcore/health", "/pictures/full/ab/x.png", "/rate"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "not part of your invitation" in answer.text
        assert 'href="/r/abc-_1"' in answer.text
    assert client.get("/r/abc-_1").text == "page"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream"):
        pass


def test_a_curators_browser_passes(client):
    assert client.get("/library").text == "page"


def test_a_raters_cookie_is_out_of_reach_of_scripts_and_smuggles_nothing():
    cookie = rater_access.rater_cookie("abc-_1")
    assert cookie.startswith("workbench_rater=abc-_1;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "\n" not in rater_access.rater_cookie("x\r\nX-Evil: 1; Domain=evil")


def test_leaving_ends_the_raters_visit():
    answer = TestClient(Starlette(routes=rater_access.routes())).get("/leave", follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert 'workbench_rater=""' in answer.headers["set-cookie"]


@pytest.fixture
def guarded(monkeypatch, tmp_path):
    """A client of an application behind the curators' door, whose password is "open sesame"."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr(password, "_guesses", Guesses())
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    monkeypatch.setattr(password, "REFUSED_SECONDS", 0.0)
    app = Starlette(routes=[*password.routes(), Route("/{path:path}", lambda _request: PlainTextResponse("page"))])
    app.add_middleware(password.CuratorGate)
    return TestClient(app, follow_redirects=False)


def test_where_a_password_is_set_only_raters_pages_open_without_it(guarded):
    for path in ("/", "/library?q=token", "/pictures/full/ab/x.png", "/rate"):
        answer = guarded.get(path)
        assert answer.status_code == 401
        assert "asks its curators for a password" in answer.text
    with pytest.raises(WebSocketDisconnect), guarded.websocket_connect("/_stcore/stream"):
        pass
    assert guarded.get("/r/abc-_1").text == "page"
    assert guarded.get("/_stcore/health").text == "page"


def test_the_password_opens_the_other_pages_until_it_is_changed(guarded, monkeypatch):
    refused = guarded.post("/enter", data={"password": "guess"})
    assert (refused.status_code, "not the password" in refused.text, "set-cookie" in refused.headers) == (401, True, False)
    entered = guarded.post("/enter", data={"password": "open sesame"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "sesame" not in entered.headers["set-cookie"]
    assert guarded.get("/library").text == "page"
    monkeypatch.setenv(password.VARIABLE, "another")
    assert guarded.get("/library").status_code == 401


def test_what_is_too_long_for_a_password_is_not_read(guarded):
    answer = guarded.post("/enter", data={"password": "x" * password.MOST_BYTES})
    assert (answer.status_code, "no password of this workbench" in answer.text) == (401, True)


def test_without_a_password_there_is_no_door(guarded, monkeypatch):
    monkeypatch.delenv(password.VARIABLE)
    assert guarded.get("/library").text == "page"
    assert guarded.post("/enter", data={"password": "any"}).headers["location"] == "/"


@pytest.mark.slow
def test_the_server_starts_without_the_heavy_libraries():
    heavy = ["torch", "lcad", "pipelines", "spacy", "pandas", "sklearn", "cv2", "altair"]
    names = "workbench.ui.app.navigation, workbench.ui.app.server, workbench.ui.app.shell, workbench.ui.rating.app"
    code = f"import sys, {names}; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip().splitlines()[-1] == "[]"
