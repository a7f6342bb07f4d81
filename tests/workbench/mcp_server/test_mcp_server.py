"""The MCP server over standard input and output, as a client of the protocol meets it."""

import base64
import io
import sys

import anyio
import PIL.Image
import pytest

import workbench
from db.models import Caption
from tests.stores import reading

mcp = pytest.importorskip("mcp")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(filled_once, tmp_path_factory):
    """The folder of a copy of the filled store."""
    return filled_once.copied(tmp_path_factory.mktemp("mcp") / "home").home


def conversation(home, talk):
    """What comes of an async function that talks to a server of its own: talk(client) -> anything."""

    async def main():
        arguments = ["-m", "pipelines", "mcp", "--home", str(home)]
        server = mcp.StdioServerParameters(
            command=sys.executable, args=arguments, env={"WORKBENCH_ACTOR": "ada", "PYTHONPATH": sys.path[0]}
        )
        async with mcp.Client(server) as client:
            return await talk(client)

    return anyio.run(main)


def test_a_model_searches_looks_proposes_and_starts_runs(home):
    async def talk(client):
        listed = await client.list_tools()
        call = client.call_tool
        answers = {
            "found": await call("search_images", {"query": "file:red"}),
            "captions": await call("search_captions", {"query": "level:complete color:red"}),
            "photo": await call("look_at_image", {"image_id": 1, "gray": True, "side": 64}),
            "colored": await call("look_at_colorization", {"colorization_id": 1}),
            "results": await call("study_results", {"study": "one against two"}),
            "votes": await call("read_table", {"table": "ratings", "query": "one against two", "columns": ["choice"], "limit": 3}),
            "masks": await call("read_table", {"table": "regions"}),
            "proposed": await call("propose_captions", {"image_id": 1, "texts": ["a crimson box"], "model": "looker 2"}),
            "run": await call("start_run", {"job": "level_captions", "settings": {"query": "level:complete"}}),
        }
        answers["stands"] = await call("read_run", {"run_id": answers["run"].structured_content["id"]})
        return {tool.name: tool for tool in listed.tools}, client.instructions, answers

    tools, instructions, answers = conversation(home, talk)
    assert not [name for name, answer in answers.items() if answer.is_error]
    told = {name: answer.structured_content for name, answer in answers.items()}
    assert [row["file_name"] for row in told["found"]["rows"]] == ["red-box.png"]
    assert told["captions"]["rows"][0]["mentions"][0]["colors"] == ["red"]
    assert told["results"]["votes"] == 8
    assert "simulated" in " ".join(told["results"]["notes"])
    assert len(told["votes"]["rows"]) == 3
    assert list(told["votes"]["rows"][0]) == ["choice"]
    assert "mask" not in told["masks"]["rows"][0]
    assert (told["run"]["status"], told["run"]["requested_by"]) == ("queued", "ada (MCP)")
    assert told["stands"]["job"] == "level_captions"
    said, picture = answers["photo"].content
    assert "a red box in front of a gray wall" in said.text
    with PIL.Image.open(io.BytesIO(base64.b64decode(picture.data))) as drawn:
        assert (drawn.size, picture.mime_type) == ((64, 48), "image/jpeg")
        red, green, blue = drawn.convert("RGB").getpixel((20, 24))
        assert max(red, green, blue) - min(red, green, blue) < 8
    assert answers["colored"].content[1].type == "image"
    assert "level:partial" in instructions
    assert tools["search_images"].annotations.read_only_hint
    assert not tools["propose_captions"].annotations.read_only_hint
    with reading(home) as session:
        row = session.get(Caption, told["proposed"]["ids"][0])
        assert (row.status, row.text_origin, row.author) == ("proposed", "model", "looker 2 (MCP)")


def test_what_a_model_may_not_do_is_said_in_a_sentence(home):
    async def talk(client):
        asked = (
            ("start_run", {"job": "edit_captions", "settings": {"kind": "delete"}}),
            ("start_run", {"job": "colorize_images", "settings": {"paint": 1}}),
            ("look_at_image", {"image_id": 99}),
            ("search_captions", {"query": "level:middling"}),
            ("read_table", {"table": "captions", "columns": ["secret"]}),
            ("propose_captions", {"image_id": 1, "texts": [" "], "model": "looker"}),
            ("study_results", {"study": "none"}),
        )
        return [await client.call_tool(name, arguments) for name, arguments in asked]

    answers = conversation(home, talk)
    said = [answer.content[0].text for answer in answers]
    assert all(answer.is_error for answer in answers), said
    for part, text in zip(
        ("may not start", "has no parameter", "no image 99", "middling", "has no column", "needs words", "none"), said, strict=True
    ):
        assert part in text


def test_proposals_of_a_model_are_taken_back_as_a_batch(home):
    async def talk(client):
        return await client.call_tool("propose_captions", {"image_id": 2, "texts": ["a teal box", "a box"], "model": "looker"})

    batch = conversation(home, talk).structured_content["batch"]
    with workbench.open(home) as store:
        before = len(store.captions("status:proposed"))
        assert store.undo(batch) == 2
        assert len(store.captions("status:proposed")) == before - 2
