"""A question reaches the model once, is asked again where that helps, and every broken answer is named."""

import pytest

from tests.chat_server import chat_server
from workbench.errors import InvalidInputError
from workbench.vision_language import BrokenAnswerError, Endpoint, EndpointError, ask, keep, kept


@pytest.fixture
def server():
    with chat_server() as told:
        yield told


@pytest.fixture
def pauses():
    return []


def answer_of(server, pauses, key=None, **options):
    return ask(Endpoint(server.address, "eyes", seconds=options.pop("seconds", 5), **options), b"JPEG", key, pauses.append)


def test_model_prompt_picture_and_temperature_are_sent_and_the_key_goes_into_the_header_alone(server, pauses):
    assert answer_of(server, pauses, "secret", prompt="What is there?", temperature=0.5) == "A red cup on a brown table."
    [question] = server.questions
    assert (question["path"], question["model"], question["temperature"]) == ("/v1/chat/completions", "eyes", 0.5)
    assert question["messages"][0]["content"][0] == {"type": "text", "text": "What is there?"}
    assert (server.picture(), server.keys, pauses) == (b"JPEG", ["Bearer secret"], [])
    assert "secret" not in str(question)


def test_without_a_key_none_is_sent(server, pauses):
    answer_of(server, pauses)
    assert server.keys == [None]


def test_a_busy_server_is_asked_again_after_growing_pauses_or_when_it_says(server, pauses):
    server.answers = [503, (429, {"Retry-After": "7"}), 500, "A cup."]
    assert answer_of(server, pauses) == "A cup."
    assert (pauses, len(server.questions)) == ([1.0, 7.0, 4.0], 4)


def test_a_server_that_stays_busy_costs_this_picture_alone(server, pauses):
    server.answers = [503]
    with pytest.raises(BrokenAnswerError, match=r"503.*4 tries"):
        answer_of(server, pauses)


@pytest.mark.slow
def test_an_answer_that_does_not_come_in_time_is_a_broken_one(server, pauses):
    server.answers = [None]
    with pytest.raises(BrokenAnswerError, match="within 1 seconds"):
        answer_of(server, pauses, seconds=1)


@pytest.mark.parametrize(
    ("status", "words"), [(401, "WORKBENCH_VLM_API_KEY"), (404, "eyes"), ((307, {"Location": "http://a.example"}), "elsewhere")]
)
def test_what_no_picture_can_mend_stops_at_once(server, pauses, status, words):
    server.answers = [status]
    with pytest.raises(EndpointError, match=words):
        answer_of(server, pauses, "secret")
    assert len(server.questions) == 1


def test_a_server_that_is_not_there_is_told(pauses):
    with pytest.raises(EndpointError, match="does not answer"):
        ask(Endpoint("http://127.0.0.1:9/v1", "eyes", seconds=2), b"JPEG", None, pauses.append)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"[" * 100_000]
)
def test_a_body_that_is_no_completion_is_named(server, pauses, body):
    server.answers = [body]
    with pytest.raises(BrokenAnswerError, match=r"no chat completion|said nothing"):
        answer_of(server, pauses)
    assert pauses == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "localhost:8000"}, {"address": "ftp://a.example"}, {"address": "https://me:secret@a.example/v1"},
        {"address": "https://a.example/v1?key=secret"}, {"model": " "}, {"temperature": 3}, {"face": "blue"}, {"mode": "all"},
        {"at_once": 0},
    ],
)  # fmt: skip
def test_an_endpoint_that_cannot_be_is_refused(wrong):
    with pytest.raises(InvalidInputError):
        Endpoint(**{"address": "http://localhost:8000/v1", "model": "eyes", **wrong})


def test_the_store_keeps_the_endpoint(session):
    assert kept(session) is None
    for temperature in (0.1, 0.7):
        keep(session, Endpoint("http://localhost:8000/v1", "eyes", temperature=temperature), actor="ann")
    assert kept(session) == Endpoint("http://localhost:8000/v1", "eyes", temperature=0.7)
