"""The store over HTTP: who is let in, what comes in which form, page by page, and how it is refused."""

import io

import PIL.Image
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

import workbench
from workbench.api import TABLES
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from workbench.http_api import create_app, tokens
from workbench.http_api.answers import ARROW

pytestmark = pytest.mark.slow

STUDY = "one against two"


@pytest.fixture(scope="module")
def store(filled_once, tmp_path_factory):
    """A copy of the filled store, open."""
    with workbench.open(filled_once.copied(tmp_path_factory.mktemp("http") / "home").home) as opened:
        yield opened


@pytest.fixture(scope="module")
def anybody(store):
    """A program without a token."""
    with TestClient(create_app(store.store)) as client:
        yield client


@pytest.fixture(scope="module")
def client(store):
    """A program with one."""
    with store.store.writing() as session:
        _, token = tokens.create(session, "notebook", author="ada")
    with TestClient(create_app(store.store), headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def asked(table: str) -> dict[str, str]:
    return {"study": STUDY} if table == "ratings" else {}


def test_nobody_gets_in_without_a_token_that_is_valid(anybody):
    for headers in ({}, {"Authorization": "Bearer wb_guess"}, {"Authorization": "Basic YTpi"}):
        answer = anybody.get("/v1/captions", headers=headers)
        assert answer.status_code == 401
        assert "token" in answer.json()["error"]
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert anybody.get("/v1/nothing").status_code == 401


def test_a_token_that_was_revoked_or_has_expired_opens_nothing(store, anybody):
    with store.store.writing() as session:
        _, gone = tokens.create(session, "gone", author="ada")
        row, past = tokens.create(session, "past", author="ada", days=1)
        row.expires_at = row.created_at
        tokens.revoke(session, "gone", actor="ada")
        for text, says in ((gone, "was revoked"), (past, "was valid until"), ("wb_other", "not known")):
            with pytest.raises(NotAllowedError, match=says):
                tokens.recognize(session, text)
        with pytest.raises(ConflictError, match="choose another name"):
            tokens.create(session, "gone", author="ada")
        with pytest.raises(NotFoundError, match="there are: "):
            tokens.revoke(session, "unknown", actor="ada")
        with pytest.raises(InvalidInputError):
            tokens.create(session, " ", author="ada")
        assert all(gone not in (row.name, row.token_hash) for row in tokens.listing(session))
    assert anybody.get("/v1/captions", headers={"Authorization": f"Bearer {gone}"}).json()["error"] == 'The token "gone" was revoked.'


@pytest.mark.parametrize("table", TABLES)
def test_a_table_is_the_same_as_json_and_as_arrow(client, table):
    rows = client.get(f"/v1/{table}", params=asked(table)).json()["rows"]
    answer = client.get(f"/v1/{table}", params=asked(table), headers={"Accept": ARROW})
    assert answer.headers["content-type"] == ARROW
    arrow = pa.ipc.open_stream(answer.content).read_all()
    assert arrow.schema.names == [column.name for column in TABLES[table].columns]
    assert arrow.num_rows == len(rows)
    if rows and "id" in rows[0]:
        assert arrow.column("id").to_pylist() == [row["id"] for row in rows]
    if table == "captions":
        assert arrow.column("mentions").to_pylist() == [row["mentions"] for row in rows]


def test_pages_follow_each_other_until_all_rows_were_told(client):
    for address in ("/v1/captions?limit=5", f"/v1/ratings?study={STUDY}&limit=3", "/v1/captions?query=sort:newest&limit=7"):
        whole = client.get(address.replace("limit=", "limit=9")).json()
        told, pages = [], 0
        while address:
            answer = client.get(address)
            told += answer.json()["rows"]
            pages += 1
            address = answer.json()["next"]
            assert answer.links.get("next", {}).get("url") == address
        assert pages > 1
        assert told[: len(whole["rows"])] == whole["rows"]
        assert len({str(row) for row in told}) == len(told)


def test_queries_and_single_rows_are_those_of_the_store(client):
    [red] = client.get("/v1/captions", params={"query": "level:complete color:red"}).json()["rows"]
    assert red["text"] == "a red box in front of a gray wall"
    assert client.get(f"/v1/captions/{red['id']}").json()["rows"] == [red]
    assert client.get("/v1/runs/1").json()["rows"][0]["summary"] == {"images": 4}
    assert client.get(f"/v1/studies/{STUDY}/results").json()["votes"] == 8


def test_pictures_are_handed_out(client):
    for path, mode in (("/v1/images/1/file", "RGB"), ("/v1/images/1/gray", "L"), ("/v1/colorizations/1/file", "RGB")):
        answer = client.get(path)
        assert answer.headers["content-type"] == "image/png"
        with PIL.Image.open(io.BytesIO(answer.content)) as picture:
            assert (picture.size, picture.mode) == ((128, 96), mode)


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/v1/pictures", 404, 'There is no table "pictures"; there are images, captions'),
        ("/v1/images/99", 404, "There is no row 99 among the images."),
        ("/v1/images/99/file", 404, "There is no image 99"),
        ("/v1/images/one", 422, "must be a whole number"),
        ("/v1/captions?query=level:middling", 422, "middling"),
        ("/v1/captions?limit=0", 422, "from 1 to 10,000"),
        ("/v1/captions?after=-1", 422, '"after" must be a whole number of 0 or more'),
        ("/v1/captions?offset=3", 422, 'There is no parameter "offset"'),
        ("/v1/runs?query=colorize", 422, "takes no query"),
        ("/v1/ratings", 422, "Name the study whose ratings are meant; there are: one against two."),
        ("/v1/ratings?study=nothing", 404, "nothing"),
        ("/v2/images", 404, "/v1/ lists the tables"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_a_sentence(client, address, status, says):
    answer = client.get(address)
    assert (answer.status_code, says in answer.json()["error"]) == (status, True), answer.text


def test_nothing_can_be_changed_and_other_forms_are_refused(client):
    assert client.post("/v1/captions", json={}).json()["error"] == "This service is read-only: use GET."
    answer = client.get("/v1/captions", headers={"Accept": "text/csv"})
    assert answer.status_code == 406
    assert ARROW in answer.json()["error"]
    wants_arrow = f"application/json;q=0.5, {ARROW}"
    assert client.get("/v1/captions", headers={"Accept": wants_arrow}).headers["content-type"] == ARROW


def test_the_description_names_every_table_and_column(anybody):
    told = anybody.get("/v1/openapi.json").json()
    assert {f"/v1/{name}" for name in TABLES} <= set(told["paths"])
    for name, table in TABLES.items():
        assert list(told["components"]["schemas"][name]["properties"]) == [column.name for column in table.columns]


def test_commands_make_list_and_revoke_tokens(workbench, tmp_path):
    made = workbench("tokens", "create", "robot", "--days", 3, "--home", tmp_path)
    assert made.output.startswith("wb_")
    assert "not shown again" in made.messages
    assert workbench("tokens", "create", "robot", "--home", tmp_path).status == 1
    [row] = workbench("tokens", "list", "--home", tmp_path, "--json").json
    assert (row["name"], row["revoked_at"]) == ("robot", None)
    assert made.output.strip() not in workbench("tokens", "list", "--home", tmp_path).output
    assert workbench("tokens", "revoke", "robot", "--home", tmp_path).output == 'The token "robot" opens nothing any more.\n'
    assert workbench("tokens", "revoke", "robot", "--home", tmp_path).status == 1
