"""Decoding in a child process with limits of memory and time: a file that brings its decoder down costs itself alone.

    measured = measure_apart(content)     # as `measure`, but no file can crash or stall the process that asks

Children are started when they are needed, kept for the next file, and end with the process that started them.
"""

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from typing import IO, Any

from workbench.errors import UnreadableFileError
from workbench.imaging.decode import LARGE_PIXELS, MAX_PIXELS
from workbench.imaging.decoding_child import ANSWER, REQUEST
from workbench.imaging.measure import Measured

SECONDS = 120.0
"""The longest that one file may take; the largest picture that is read takes 15 on an idle core."""
KEPT = 2
"""Children that wait for the next file."""

_idle: "queue.LifoQueue[_Child]" = queue.LifoQueue()
_large = threading.Lock()


def measure_apart(content: bytes, *, seconds: float = SECONDS) -> Measured:
    """What `measure` gives, from a child process. Raises UnreadableFileError with the reason, also where the child died or took too long.

    Pictures of more than LARGE_PIXELS are decoded one after another.
    """
    answer = _asked(content, LARGE_PIXELS, seconds)
    if answer is None:
        with _large:
            answer = _asked(content, MAX_PIXELS, seconds)
    if answer is None:
        raise UnreadableFileError(f"The picture has more than {MAX_PIXELS:,} pixels.")
    return answer


def _asked(content: bytes, most_pixels: int, seconds: float) -> Measured | None:
    """What a child says of a file; None where it is to be asked again alone."""
    try:
        child = _idle.get_nowait()
    except queue.Empty:
        child = _Child()
    try:
        answer, files = child.ask(content, most_pixels, seconds)
    except BaseException:
        child.end()
        raise
    if _idle.qsize() < KEPT:
        _idle.put(child)
    else:
        child.end()
    if "refused" in answer:
        raise UnreadableFileError(answer["refused"])
    if answer.get("large"):
        return None
    rendition, packed = files.pop("rendition", None), files.pop("landmarks")
    return Measured(answer["columns"], rendition, files, packed)


class _Child:
    """One child process."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
        environment["MALLOC_MMAP_THRESHOLD_"] = str(1 << 20)  # so that the memory of a large picture goes back to the system
        self._process: Any = subprocess.Popen(
            [sys.executable, "-m", "workbench.imaging.decoding_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def ask(self, content: bytes, most_pixels: int, seconds: float) -> tuple[dict[str, Any], dict[str, bytes]]:
        """The answer for a file and the files in it; raises UnreadableFileError where the child ends instead."""
        expired = threading.Event()
        timer = threading.Timer(seconds, lambda: (expired.set(), self._process.kill()))
        timer.daemon = True
        timer.start()
        try:
            self._process.stdin.write(REQUEST.pack(len(content), most_pixels))
            self._process.stdin.write(content)
            self._process.stdin.flush()
            (length,) = ANSWER.unpack(_exactly(self._process.stdout, ANSWER.size))
            answer = json.loads(_exactly(self._process.stdout, length))
            return answer, {name: _exactly(self._process.stdout, size) for name, size in answer["files"].items()}
        except (EOFError, BrokenPipeError):
            raise UnreadableFileError(self._last_words(seconds if expired.is_set() else None)) from None
        finally:
            timer.cancel()

    def _last_words(self, seconds: float | None) -> str:
        """Why the child has ended."""
        status = self._process.wait()
        if seconds is not None:
            return f"The picture was not decoded within {seconds:g} seconds; it is left out."
        if status == -signal.SIGKILL:
            return "The picture's decoder was ended by the system, which had no memory left; it is left out."
        return f"The picture brings its decoder down (status {status}); it is left out."

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(BrokenPipeError):
                stream.close()


def _exactly(stream: IO[bytes], length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise EOFError
    return content


@atexit.register
def _end_all() -> None:
    while not _idle.empty():
        _idle.get_nowait().end()
