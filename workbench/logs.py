"""The log of the web process and of the workers: one line an event, as JSON or as text, without secrets, paths and addresses of people.

`WORKBENCH_LOG=json` gives an object a line: `time` (UTC), `level`, `run`, `actor` and `job` where there is one, `message`, `logger`, and
for an error its `error` (the type's name) and `trace` (`module:function:line`, outermost first); `text`, the default, the same in words.
What an error says of itself is left out, unless it is one of ours: it may hold values, statements and paths.
"""

import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog

from workbench.errors import InvalidInputError, WorkbenchError

VARIABLE, FORMATS = "WORKBENCH_LOG", ("text", "json")
ORDER = ("time", "level", "run", "actor", "job", "message", "logger", "error", "trace")
MOST_FRAMES = 30
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$|API_KEY")
SHORTEST_SECRET = 6
"""Characters of a value that is taken out wherever it stands; a shorter one would take words apart."""
HIDDEN = (
    (re.compile(r"(?<=://)[^\s/@]+:[^\s/@]*@"), "[secret]@"),
    (re.compile(r"(?<=/r/)(?!page/)[\w-]{8,}"), "[token]"),
    (re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<=['\"])(?:~|[A-Za-z]:)?[/\\][^'\"]*[/\\][^'\"]*(?=['\"])"), "[path]"),
    (re.compile(r"(?<![\w:/\]])(?:~|[A-Za-z]:)?[/\\](?!r/\[token\])(?:[^\s'\",;:()/\\]+[/\\])+[^\s'\",;:()]*"), "[path]"),
)
"""What is taken out of a message, and what stands there instead; addresses of the web (`https://…`) stay."""

bound = structlog.contextvars.bound_contextvars
"""`with bound(run=3, job="thumbnails", actor="ann"):` every line of the block, in this thread, bears these."""


def configure(stream: TextIO | None = None) -> None:
    """Send what this process logs to `stream` (standard error), from INFO on for what is the workbench's own, else from WARNING.

    Raises InvalidInputError for a WORKBENCH_LOG that is no format.
    """
    chosen = os.environ.get(VARIABLE) or "text"
    if chosen not in FORMATS:
        raise InvalidInputError(f'{VARIABLE} is "{chosen[:40]}"; set it to json or text.')
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _tell_error,
                structlog.processors.EventRenamer("message"),
                _hide,
                structlog.processors.JSONRenderer(ensure_ascii=False) if chosen == "json" else _as_text,
            ],
        )
    )
    for former in [one for one in logging.root.handlers if type(one) is logging.StreamHandler]:
        logging.root.removeHandler(former)
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("workbench").setLevel(logging.INFO)
    logging.captureWarnings(True)


def take_over(logger: logging.Logger) -> None:
    """Let what a library writes with handlers of its own go the way of everything else, from WARNING on."""
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)
    logger.propagate = True


def _tell_error(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The type and the places of an error; its sentence too, where it is one of ours."""
    given = line.pop("exc_info", None)
    line.pop("stack_info", None)
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        given = (type(given), given, given.__traceback__)
    if given and given[0] is not None:
        line["error"] = given[0].__name__
        line["trace"] = _places(given[2])
        if isinstance(given[1], WorkbenchError):
            line["error"] += f": {given[1]}"
    return line


def _places(trace: TracebackType | None) -> list[str]:
    """Where an error went through, outermost first, without a folder."""
    frames = traceback.walk_tb(trace)
    places = [f"{frame.f_globals.get('__name__', Path(frame.f_code.co_filename).stem)}:{frame.f_code.co_name}:{at}" for frame, at in frames]
    return places[-MOST_FRAMES:]


def _hide(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """The line in its order, with nothing in it that is nobody's business; the actor is who signed in, and stays."""
    secrets = _secrets(os.environ)
    told = {name: line[name] for name in (*ORDER, *sorted(set(line) - set(ORDER))) if line.get(name) not in (None, "", [])}
    return {name: value if name in ("time", "actor", "trace") else hidden(value, secrets) for name, value in told.items()}


def hidden(value: Any, secrets: tuple[str, ...] = ()) -> Any:
    """A text without secrets, paths, e-mails and raters' tokens; a number is itself."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    for pattern, instead in HIDDEN:
        text = pattern.sub(instead, text)
    return text


def _secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of the environment that are secrets by their names, longest first."""
    found = {value for name, value in environment.items() if SECRET_NAMES.search(name) and len(value) >= SHORTEST_SECRET}
    return tuple(sorted(found, key=len, reverse=True))


def _as_text(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    about = " ".join(f"{name}={line[name]}" for name in ("run", "job", "actor") if name in line)
    head = f"{line['time']} {line['level'].upper()} {line['logger']}: {line['message']}{f' [{about}]' if about else ''}"
    broken = f"\n  {line['error']}" if "error" in line else ""
    return head + broken + "".join(f"\n    {place}" for place in line.get("trace", []))
