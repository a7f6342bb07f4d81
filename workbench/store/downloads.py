"""Large files from the network: taken up where they stopped, checked, and in their place only when they are whole."""

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from workbench.errors import ConflictError, InvalidInputError, MissingPartError

CHUNK = 1 << 20
SECONDS = 60.0
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")

Progress = Callable[[int, int], object]
"""Called with the bytes that are there, and the bytes in all (0 where nobody said)."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def check(path: Path, size: int, sha256: str) -> None:
    """Raise InvalidInputError where a file has not the size in bytes (0: any) or the hash ("": any) that it must have."""
    size_on_disk = path.stat().st_size
    if size and size_on_disk != size:
        raise InvalidInputError(
            f"{path} has {size_on_disk:,} bytes, {size:,} were expected: it is cut short or another file. Fetch it again."
        )
    if sha256 and (digest := sha256_of(path)) != sha256:
        raise InvalidInputError(f"{path} has the SHA-256 {digest}, {sha256} was expected: it is damaged or another file. Fetch it again.")


def download(address: str, target: Path, size: int, sha256: str, progress: Progress = lambda done, whole: None) -> Path:
    """Fetch a file to `target`; what was fetched before and not finished (`target` with .part) is gone on with.

    Raises MissingPartError where the server cannot be reached or stops, InvalidInputError where what came is not what was expected (it
    is removed, for going on with it would never help), ConflictError where another file is at `target`.
    """
    if target.exists():
        try:
            check(target, size, sha256)
        except InvalidInputError as error:
            raise ConflictError(f"{error} Move it away first.") from None
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    if not (part.exists() and size and part.stat().st_size == size):
        try:
            _fetch(address, part, size, progress)
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            kept = "What has come stays; the same command goes on with it."
            raise MissingPartError(f"{address} cannot be fetched: {reason}. {kept}") from None
    try:
        check(part, size, sha256)
    except InvalidInputError:
        part.unlink()
        raise
    return part.rename(target)


def _fetch(address: str, part: Path, size: int, progress: Progress) -> None:
    """Append what is missing of a part; a server that cannot begin in the middle begins anew."""
    done = part.stat().st_size if part.exists() else 0
    if size and done > size:
        done = 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={done}-"} if done else {})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        content_range = CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "")) if answer.status == 206 else None
        start = int(content_range[1]) if content_range else 0
        if start not in (0, done):
            raise OSError(f"the server began at byte {start:,} instead of {done:,}")
        length = int(answer.headers.get("Content-Length") or 0)
        whole = size or (start + length if length else 0)
        with part.open("r+b" if start else "wb") as target:
            target.seek(start)
            target.truncate()
            done = start
            while block := answer.read(CHUNK):
                target.write(block)
                done += len(block)
                progress(done, whole)
        if length and done < start + length:
            raise OSError(f"the connection ended after {done:,} bytes")
