"""The child process that decodes: it reads files from its standard input and answers what was measured of each.

    request: 8 bytes length of the file, 8 bytes most pixels (both big-endian), the file
    answer:  4 bytes length of a JSON object, the object, and the files whose lengths it names

The object is {"columns": …, "files": {name: length}}, {"large": true} or {"refused": reason}. Nothing that is executed travels either way.
"""

import json
import os
import resource
import struct
import sys
from typing import IO, Any

REQUEST = struct.Struct(">QQ")
ANSWER = struct.Struct(">I")
MEMORY_BYTES = 2 << 30
"""Address space that the child may take: the largest picture that is read needs 1.3 GB."""


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer requests until the source ends."""
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        length, most_pixels = REQUEST.unpack(head)
        answer, files = _answer(source.read(length), most_pixels)
        encoded = json.dumps({**answer, "files": {name: len(content) for name, content in files.items()}}).encode()
        sink.write(ANSWER.pack(len(encoded)) + encoded)
        for content in files.values():
            sink.write(content)
        sink.flush()


def _answer(content: bytes, most_pixels: int) -> tuple[dict[str, Any], dict[str, bytes]]:
    from workbench.errors import UnreadableFileError
    from workbench.imaging.decode import LargePictureError
    from workbench.imaging.measure import measure

    try:
        measured = measure(content, most_pixels=most_pixels)
    except LargePictureError:
        return {"large": True}, {}
    except UnreadableFileError as error:
        return {"refused": str(error)}, {}
    except MemoryError:
        return {"refused": "The picture needs more memory than one may take here."}, {}
    files = {**measured.thumbnails, "landmarks": measured.landmarks}
    if measured.rendition is not None:
        files["rendition"] = measured.rendition
    return {"columns": measured.columns}, files


def _limit_memory() -> None:
    """No file can make this process take more than MEMORY_BYTES, nor leave a dump of it behind."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # elsewhere the limit is not kept
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    _limit_memory()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a codec prints must not stand among the answers
    serve(sys.stdin.buffer, answers)
