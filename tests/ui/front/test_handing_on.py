"""What is not raters' reaches the curators' process as the browser sent it, and its answers come back; nobody gets there otherwise."""

import json
import socket

import httpx
import pytest

from tests.ui.front.conftest import SECONDS, running
from workbench.ui.app.as_seen import HEADER

pytestmark = pytest.mark.slow


def test_a_request_arrives_to_the_letter_with_its_host_and_cookies(browser, address):
    own = {"Cookie": "a=1; b=2", "Host": "workbench.example:9", "Accept-Language": "pt"}
    told = browser.post("/echo/caf%C3%A9/a%2Fb//?q=a%20b&q=%C3%A9", content=b"body", headers=own).json()
    headers = dict(told["headers"])
    assert (told["method"], told["path"], told["query"], told["body"]) == ("POST", "/echo/caf%C3%A9/a%2Fb//", "q=a%20b&q=%C3%A9", "body")
    assert (headers["host"], headers["cookie"], headers["accept-language"]) == ("workbench.example:9", "a=1; b=2", "pt")
    assert (headers["content-length"], HEADER in headers) == ("4", False)
    assert told["server"] == ["127.0.0.1", int(address.rpartition(":")[2])]


def test_headers_of_one_connection_stay_on_it(browser):
    answer = browser.get("/echo/", headers={"Connection": "keep-alive, X-Secret", "X-Secret": "1", "TE": "trailers", "X-Kept": "2"})
    arrived = dict(answer.json()["headers"])
    assert {"x-secret", "te"}.isdisjoint(arrived)
    assert arrived["x-kept"] == "2"
    assert (answer.headers["x-own"], "x-hop" in answer.headers) == ("yes", False)


def test_the_pages_see_who_asked_whatever_a_browser_claims(browser):
    direct = browser.get("/echo/", headers={HEADER: json.dumps({"client": ["6.6.6.6", 1], "scheme": "https"})}).json()
    assert (direct["client"][0], direct["scheme"]) == ("127.0.0.1", "http")
    by_proxy = browser.get("/echo/", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.5", "X-Forwarded-Proto": "https"}).json()
    assert (by_proxy["client"][0], by_proxy["scheme"]) == ("203.0.113.5", "https")
    assert dict(by_proxy["headers"])["x-forwarded-for"] == "6.6.6.6, 203.0.113.5"


def test_who_comes_to_the_socket_itself_is_refused(address, place):
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(place)), timeout=SECONDS) as stranger:
        assert stranger.get("http://inside/echo/").status_code == 421


def test_a_large_upload_is_streamed(browser, pages):
    size = 48 * 2**20

    def parts():
        for _ in range(48):
            yield bytes(2**20)

    assert browser.put("/upload", content=parts(), headers={"Content-Length": str(size)}).json() == size
    assert browser.put("/upload", content=parts()).json() == size  # of a length that is not told before
    assert max(pages.received) <= 2**20


def test_an_upload_that_is_refused_before_it_is_read_is_told_so(browser):
    assert browser.put("/refused", content=b"x" * 1000).status_code == 413


def spoken(address: str, *lines: bytes) -> bytes:
    """What is answered to lines that no well-behaved client sends."""
    with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=SECONDS) as raw:
        raw.sendall(b"\r\n".join(lines))
        return b"".join(iter(lambda: raw.recv(65536), b""))


def test_no_second_request_hides_in_the_body_of_another(address):
    hidden = b"GET /echo/hidden HTTP/1.1\r\nHost: x\r\n\r\n"
    chunk = f"{len(hidden):x}".encode()
    head = (b"POST /echo/first HTTP/1.1", b"Host: x", b"Content-Length: 4", b"Transfer-Encoding: chunked", b"Connection: close", b"")
    answer = spoken(address, *head, chunk, hidden, b"0", b"", b"")
    assert answer.count(b"HTTP/1.1") == 1 + (b" 200 " in answer)  # the answer's own, and in the body that it repeats
    with httpx.Client(base_url=address, trust_env=False, timeout=SECONDS) as client:
        assert all(client.get(f"/echo/{number}").json()["path"] == f"/echo/{number}" for number in range(5))


def test_addresses_that_are_a_proxys_are_refused(address):
    for asked in (b"OPTIONS * HTTP/1.1", b"GET http://elsewhere.example/ HTTP/1.1"):
        assert b" 400 " in spoken(address, asked, b"Host: x", b"Connection: close", b"", b"").splitlines()[0]


def test_redirects_and_heads_are_the_browsers(browser):
    answer = browser.get("/away")
    assert (answer.status_code, answer.headers["location"]) == (303, "/elsewhere")
    head = browser.head("/echo/")
    assert (head.status_code, head.content, int(head.headers["content-length"]) > 0) == (200, b"", True)


def test_an_answer_that_breaks_off_is_never_taken_for_whole(browser):
    with pytest.raises(httpx.RemoteProtocolError):
        browser.get("/drops")


def test_while_the_pages_are_away_a_sentence_says_so_and_they_are_found_again(front, pages, place):
    with httpx.Client(base_url=front, trust_env=False, timeout=SECONDS) as client:
        answer = client.get("/library")
        assert (answer.status_code, "pages are starting" in answer.text, answer.headers["retry-after"]) == (503, True, "3")
        health = client.get("/healthz")
        assert (health.status_code, health.json()["pages"], health.json()["store"]) == (503, "away", "well")
        for _ in range(2):  # the second time it finds the file of the first
            with running(pages.app, uds=str(place), proxy_headers=False):
                assert client.get("/echo/").status_code == 200
                assert client.get("/healthz").json()["pages"] == "well"
            assert client.get("/library").status_code == 503
