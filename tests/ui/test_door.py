"""The door: guesses are few and logged, visits are signed with a secret of their own, without a password no stranger gets in."""

import json
import logging
import stat

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from workbench.ui.app import password, password_attempts, rater_access, shell, visit_secret
from workbench.ui.app.password_attempts import FREE, Guesses


@pytest.fixture
def app(monkeypatch, tmp_path):
    """The application's frame around one plain page."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv(password.OPEN_VARIABLE, raising=False)
    monkeypatch.setattr(password, "REFUSED_SECONDS", 0.0)
    monkeypatch.setattr(password, "_guesses", Guesses())
    app = Starlette(routes=[*password.routes(), *shell.routes(), Route("/{path:path}", lambda _request: PlainTextResponse("page"))])
    app.add_middleware(shell.KnownPaths, pages=frozenset(["library"]))
    app.add_middleware(password.CuratorGate)
    app.add_middleware(shell.SafeHeaders)
    return app


def client(app, address="testserver", **options) -> TestClient:
    return TestClient(app, base_url=f"http://{address}", follow_redirects=False, **options)


def test_guesses_are_few_and_logged_even_with_the_right_password_at_last(app, monkeypatch, caplog):
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    caplog.set_level(logging.INFO, logger="workbench.door")
    visit = client(app)
    for _ in range(FREE):
        assert "not the password" in visit.post("/enter", data={"password": "guess"}).text
    answer = visit.post("/enter", data={"password": "open sesame"})
    assert (answer.status_code, "Too many guesses" in answer.text, "set-cookie" in answer.headers) == (401, True, False)
    assert len([record for record in caplog.records if "wrong password from testclient" in record.getMessage()]) == FREE


def test_pauses_grow_end_and_are_forgotten_by_who_knows_the_password(monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(password_attempts.time, "monotonic", lambda: moment[0])
    door, pauses = Guesses(), []
    for _ in range(FREE + 9):
        moment[0] += door.begin("one")
        assert door.begin("one") in (0.0, 1.0)
        door.end("one", right=False)
        pauses.append(door.begin("one"))
        if not pauses[-1]:
            door.end("one", right=False)
    assert 30 in pauses
    assert max(pauses) == 3600
    assert door.begin("another") == 0
    moment[0] += 3600
    assert door.begin("one") == 0
    door.end("one", right=True)
    assert door.begin("one") == 0


def test_an_address_guesses_one_at_a_time():
    door = Guesses()
    assert [door.begin("one"), door.begin("one"), door.begin("another")] == [0.0, 1.0, 0.0]


def test_a_proxys_visitors_are_told_apart(app, monkeypatch):
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    visit = client(app, client=("127.0.0.1", 5000))
    for _ in range(FREE):
        visit.post("/enter", data={"password": "guess"}, headers={"X-Forwarded-For": "8.8.8.8, 203.0.113.5"})
    entered = visit.post("/enter", data={"password": "open sesame"}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert entered.status_code == 303


def test_who_wanted_a_page_comes_to_it_after_the_password_and_nowhere_else(app, monkeypatch):
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    visit = client(app)
    asked = visit.get("/library?q=color:red&image=4").text
    assert 'name="to" value="/library?q=color:red&amp;image=4"' in asked
    assert 'value="/library"' in visit.post("/enter", data={"password": "guess", "to": "/library"}).text
    entered = visit.post("/enter", data={"password": "open sesame", "to": "/library?q=color:red&image=4"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/library?q=color:red&image=4")
    for elsewhere in ("https://example.org/", "//example.org", "/\\example.org", "library", "/" + "a" * 2000, "/\r\nSet-Cookie: a=b", ""):
        told = client(app).post("/enter", data={"password": "open sesame", "to": elsewhere})
        assert told.headers["location"] == "/", elsewhere


def test_a_visit_is_signed_with_a_secret_of_its_own_and_renewed(tmp_path, monkeypatch):
    first, second = visit_secret.signed(tmp_path, "sesame"), visit_secret.signed(tmp_path, "sesame")
    assert first != second
    assert visit_secret.is_signed(tmp_path, "sesame", first)
    assert not visit_secret.is_signed(tmp_path, "another", first)
    assert not any(visit_secret.is_signed(tmp_path, "sesame", held) for held in ("", ".", first[:-1], first.replace(".", ""), "é.é"))
    path = tmp_path / visit_secret.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for still in (True, False):
        kept = json.loads(path.read_text())
        path.write_text(json.dumps(kept | {"made_at": 0.0}))
        assert visit_secret.is_signed(tmp_path, "sesame", first) is still


@pytest.mark.parametrize(("address", "headers", "status"), [
    ("127.0.0.1", {}, 200), ("testserver", {}, 200), ("192.168.1.5", {}, 403), ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403),
])  # fmt: skip
def test_without_a_password_it_answers_on_its_own_machine_alone(app, monkeypatch, address, headers, status):
    monkeypatch.delenv(password.VARIABLE, raising=False)
    answer = client(app, address).get("/library", headers=headers)
    assert answer.status_code == status
    assert ("Set WORKBENCH_PASSWORD" in answer.text) == (status == 403)
    assert client(app, address).get("/r/abc", headers=headers).text == "page"
    monkeypatch.setenv(password.OPEN_VARIABLE, "1")
    assert client(app, address).get("/library", headers=headers).status_code == 200


def test_no_other_site_may_frame_a_page_and_unknown_addresses_are_404(app, monkeypatch):
    monkeypatch.delenv(password.VARIABLE, raising=False)
    answer = client(app).get("/library")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    for path in ("/nowhere", "/admin.php", "/library.bak"):
        assert (client(app).get(path).status_code, client(app).get("/_stcore/health").status_code) == (404, 200)


def test_over_tls_cookies_are_sent_over_tls_alone(app, monkeypatch):
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    entered = client(app).post("/enter", data={"password": "open sesame"}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in entered.headers["set-cookie"]
    assert "SameSite=Lax" in entered.headers["set-cookie"]
    assert "Secure" in rater_access.rater_cookie("abc", secure=True)


def test_health_tells_how_store_queue_and_workers_are(app, monkeypatch, tmp_path):
    assert client(app).get("/healthz").json() == {"store": "well", "queue": "well", "workers": "0"}
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", f"sqlite:///{tmp_path / 'broken.sqlite'}")
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database" * 100)
    answer = client(app).get("/healthz")
    assert (answer.status_code, answer.json()["store"]) == (503, "unreachable")
