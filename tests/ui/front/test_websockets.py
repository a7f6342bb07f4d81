"""WebSockets through the front: messages, closing and refusals, both ways."""

import json
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.ui.front.conftest import SECONDS, running

pytestmark = pytest.mark.slow


def talking(address: str, path: str = "/talk", **options):
    return connect(address.replace("http", "ws", 1) + path, proxy=None, max_size=None, **options)


def until(condition) -> bool:
    deadline = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_messages_go_both_ways_whatever_they_hold(address):
    with talking(address) as talk:
        talk.recv()
        for message in ("text", "", b"bytes", b"", "é" * 1000, bytes(20 * 2**20)):
            talk.send(message)
            assert talk.recv() == message


def test_the_pages_see_protocol_cookies_and_who_asked(address):
    own = {"Cookie": "a=1", "X-Forwarded-For": "203.0.113.5"}
    with talking(address, subprotocols=["streamlit", "token"], additional_headers=own) as talk:
        told = json.loads(talk.recv())
        assert (talk.subprotocol, told["client"][0]) == ("streamlit", "203.0.113.5")
        assert (dict(told["headers"])["cookie"], "x-workbench-seen" in dict(told["headers"])) == ("a=1", False)


def test_closing_is_told_to_the_other_side_with_its_code(address, pages):
    with talking(address) as talk:
        talk.recv()
        talk.close(4567, "done here")
    assert until(lambda: pages.closed == [(4567, "done here")])
    with talking(address, "/closing") as talk:
        assert talk.recv() == "last words"
        with pytest.raises(ConnectionClosed) as ended:
            talk.recv()
    assert (ended.value.rcvd.code, ended.value.rcvd.reason) == (4321, "enough")


def test_a_browser_that_is_gone_without_a_word_is_gone_for_the_pages(address, pages):
    with talking(address) as talk:
        talk.recv()
        talk.socket.close()
        assert until(lambda: len(pages.closed) == 1)


def test_a_refusal_of_the_pages_is_one_to_the_browser(address):
    with pytest.raises(InvalidStatus) as refused, talking(address, "/shut"):
        pass
    assert refused.value.response.status_code == 403


def test_where_the_pages_are_away_or_go_away_a_browser_learns_it(front, pages, place):
    with pytest.raises(InvalidStatus) as refused, talking(front):
        pass
    assert refused.value.response.status_code == 503
    with running(pages.app, uds=str(place), proxy_headers=False) as server, talking(front) as talk:
        talk.recv()
        server.should_exit = True
        with pytest.raises(ConnectionClosed) as ended:
            talk.recv()
    assert ended.value.rcvd.code == 1012
