"""XMP packets in PNG files: written and read without touching a pixel.

A packet stands in a chunk iTXt under the keyword "XML:com.adobe.xmp", uncompressed, before the pixels (XMP specification part 3,
section 1.1.5; PNG specification, third edition, section 11.3.3.4).
"""

import struct
import zlib
from collections.abc import Iterator

from workbench.errors import InvalidInputError

COLORIZATION_NAMESPACE = "https://lcad-workbench.invalid/ns/colorization/1.0/"
"""Of the packets with which colorizations say what they are (`workbench.colorizations.credentials`)."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"XML:com.adobe.xmp"
HEADER = KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0"  # not compressed, no language, no translated keyword


def with_xmp(png: bytes, packet: str) -> bytes:
    """The file with an XMP packet instead of the one that it may have; all other chunks keep their bytes and their order.

    Raises InvalidInputError where `png` is no whole PNG file.
    """
    body = HEADER + packet.encode()
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    kept = [raw for kind, raw in _chunks(png) if not (kind == b"iTXt" and raw[8:].startswith(KEYWORD + b"\0"))]
    return b"".join([SIGNATURE, kept[0], chunk, *kept[1:]])


def xmp_of(png: bytes) -> str | None:
    """The XMP packet of a PNG file, as `with_xmp` writes it; None where there is none. Raises InvalidInputError as `with_xmp` does."""
    for kind, raw in _chunks(png):
        if kind == b"iTXt" and raw[8:].startswith(HEADER):
            return raw[8 + len(HEADER) : -4].decode()
    return None


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The type and the bytes of each chunk, with its length and checksum."""
    if not png.startswith(SIGNATURE):
        raise InvalidInputError("This is no PNG file, so it can hold no XMP packet of one.")
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if at + 12 > len(png):
            raise InvalidInputError("This PNG file is cut short; make it again.")
        (length,), kind = struct.unpack_from(">I", png, at), png[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(png):
            raise InvalidInputError("This PNG file is cut short; make it again.")
        yield kind, png[at:end]
        at = end
