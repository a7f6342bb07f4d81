"""The server: one configuration, sentences instead of tracebacks, a cookie that keeps a rater a rater, a light import."""

import subprocess
import sys
import tomllib

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.web.server.app_discovery import discover_asgi_app

from tests.ui.conftest import APP, ROOT
from workbench.ui import access, serving

PACKAGED = ROOT / "workbench" / "ui" / "config.toml"


def test_a_checkout_and_an_installed_package_have_the_same_configuration():
    assert (ROOT / ".streamlit" / "config.toml").read_text() == PACKAGED.read_text()


def test_the_packaged_configuration_holds_where_nothing_else_was_set(monkeypatch):
    settled: dict[str, object] = {}
    monkeypatch.setattr(config, "is_manually_set", lambda option: option == "server.address")
    monkeypatch.setattr(config, "set_option", lambda option, value, _where: settled.__setitem__(option, value))
    serving.configure()
    assert settled["browser.gatherUsageStats"] is False
    assert settled["theme.sidebar.backgroundColor"] == "#dedede"
    assert "server.address" not in settled


def test_every_option_of_the_configuration_is_known_to_streamlit():
    for option, _ in serving._flat(tomllib.loads(PACKAGED.read_text())):
        config.get_option(option)


def test_the_entry_point_is_found_as_an_application():
    assert discover_asgi_app(APP).import_string == "streamlit_app:app"


def test_an_error_of_the_domain_is_shown_as_its_sentence_and_any_other_as_one_of_ours():
    def script():
        import streamlit as st

        from workbench.errors import ConflictError
        from workbench.ui import serving

        serving.sentence_for(ConflictError("It is there already."))
        serving.sentence_for(KeyError("secret detail"))
        st.write("still here")

    app = AppTest.from_function(script).run()
    shown = [error.value for error in app.error]
    assert shown[0] == "It is there already."
    assert "unexpected" in shown[1]
    assert "secret" not in shown[1]


@pytest.fixture
def client():
    app = Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("page"))])
    app.add_middleware(access.RaterCookie)
    return TestClient(app)


def test_a_token_in_the_address_stays_in_the_browser_out_of_reach_of_scripts(client):
    cookie = client.get("/rate?token=abc-_1").headers["set-cookie"]
    assert cookie.startswith("workbench_rater=abc-_1;")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_address_without_a_token_leaves_no_cookie(client):
    assert "set-cookie" not in client.get("/library?q=token").headers


def test_a_token_cannot_smuggle_a_header(client):
    cookie = client.get("/", params={"token": "x\r\nX-Evil: 1; Domain=evil"}).headers["set-cookie"]
    assert "\n" not in cookie
    assert "X-Evil" not in client.get("/").headers


def test_leaving_ends_the_raters_visit():
    answer = TestClient(Starlette(routes=access.routes())).get("/leave", follow_redirects=False)
    assert answer.headers["location"] == "/"
    assert 'workbench_rater=""' in answer.headers["set-cookie"]


def test_the_server_starts_without_the_heavy_libraries():
    heavy = ["torch", "lcad", "pipelines", "spacy", "pandas", "sklearn", "cv2", "altair"]
    names = "access, bulk, context, design, files, frame, importer, inspector, marking, progress, serving, walk, wording"
    code = f"import sys; from workbench.ui import {names}; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip().splitlines()[-1] == "[]"
