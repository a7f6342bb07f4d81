"""One question with a picture to a chat completions endpoint, asked again where it is worth it, and its answer as text."""

import base64
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable

from workbench.errors import MissingPartError, WorkbenchError
from workbench.vision_language.endpoint import KEY_VARIABLE, Endpoint

TRIES = 4
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds before the second try, doubled for each that follows; a server that names a time is given it, up to the longest."""
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
LARGEST = 1 << 20
"""Bytes of an answer that are read."""
MOST_TOKENS = 400
SHOWN = 200

Wait = Callable[[float], None]


class EndpointError(MissingPartError):
    """The endpoint cannot be used as it is: no picture would fare better."""


class BrokenAnswerError(WorkbenchError):
    """This picture got no usable answer."""


class _TryAgainError(Exception):
    def __init__(self, reason: str, seconds: float | None = None):
        super().__init__(reason)
        self.seconds = seconds


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another server."""

    def redirect_request(self, req, fp, code, msg, headers, newurl) -> None:
        """Follow none: the answer counts as a refusal."""


def ask(endpoint: Endpoint, jpeg: bytes, key: str | None, wait: Wait) -> str:
    """The model's answer about a picture.

    Tries TRIES times, with growing pauses by `wait`, where the server is busy or away for a moment. Raises EndpointError where the key,
    the model or the address is refused or nothing answers, BrokenAnswerError where this picture got nothing usable.
    """
    request = _request(endpoint, jpeg, key)
    pause = FIRST_WAIT
    for number in range(1, TRIES + 1):
        try:
            return _text_of(_sent(request, endpoint))
        except _TryAgainError as error:
            if number == TRIES:
                raise BrokenAnswerError(f"{error} ({TRIES} tries)") from None
            wait(min(LONGEST_WAIT, pause if error.seconds is None else error.seconds))
        except OSError as error:
            if number == TRIES:
                raise EndpointError(f"{endpoint.address} does not answer: {_reason(error)}. Start it, or correct its address.") from None
            wait(pause)
        pause *= 2
    raise AssertionError("unreachable")


def _request(endpoint: Endpoint, jpeg: bytes, key: str | None) -> urllib.request.Request:
    picture = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()}}
    body = {
        "model": endpoint.model,
        "messages": [{"role": "user", "content": [{"type": "text", "text": endpoint.whole_prompt}, picture]}],
        "temperature": endpoint.temperature,
        "max_tokens": MOST_TOKENS,
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "lcad-workbench"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return urllib.request.Request(endpoint.address.rstrip("/") + "/chat/completions", json.dumps(body).encode(), headers)


def _sent(request: urllib.request.Request, endpoint: Endpoint) -> bytes:
    try:
        with urllib.request.build_opener(_NoRedirects).open(request, timeout=endpoint.seconds) as answer:
            return answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, endpoint) from None
    except (TimeoutError, http.client.HTTPException) as error:
        raise _TryAgainError(f"No whole answer within {endpoint.seconds:g} seconds: {_reason(error)}.") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise _TryAgainError(f"No answer within {endpoint.seconds:g} seconds.") from None
        raise OSError(_reason(error.reason)) from None


def _refusal(error: urllib.error.HTTPError, endpoint: Endpoint) -> Exception:
    said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:SHOWN]
    if error.code in AGAIN:
        after = error.headers.get("Retry-After", "")
        return _TryAgainError(f"The server answered {error.code}: {said}", float(after) if after.isdigit() else None)
    if error.code in (401, 403):
        return EndpointError(f"{endpoint.address} refuses the key (answer {error.code}); set {KEY_VARIABLE} where the worker starts.")
    if error.code == 404:
        return EndpointError(f"{endpoint.address} knows no such address or no model “{endpoint.model}” (answer 404): {said}")
    if 300 <= error.code < 400:
        return EndpointError(f"{endpoint.address} sends elsewhere (answer {error.code}); give the address that it sends to.")
    return BrokenAnswerError(f"The server answered {error.code}: {said}")


def _text_of(content: bytes) -> str:
    if len(content) > LARGEST:
        raise BrokenAnswerError("The answer is longer than a megabyte.")
    try:
        text = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        said = " ".join(content[:2000].decode("utf-8", "replace").split())[:SHOWN]
        raise BrokenAnswerError(f"The answer is no chat completion: {said or 'it is empty'}") from None
    if isinstance(text, list):  # parts, as some servers give them
        text = "".join(part.get("text", "") for part in text if isinstance(part, dict))
    if not isinstance(text, str) or not text.strip():
        raise BrokenAnswerError("The model said nothing.")
    return text


def _reason(error: object) -> str:
    return " ".join(str(error).split())[:SHOWN] or type(error).__name__
