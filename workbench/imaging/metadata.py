"""What cameras and programs write beside the pixels (position, time, owner, serial numbers, a small copy), taken out of a file.

Only what is needed to show the pixels stays, color profile included; the pixels' own bytes are not touched, so nothing is encoded again.
Sources: ITU-T T.81 (JPEG) Annex B, the PNG specification (third edition) chapter 11, RFC 9649 (WebP) section 2.7.
"""

import struct
from collections.abc import Iterator

from workbench.errors import InvalidInputError
from workbench.imaging.xmp import COLORIZATION_NAMESPACE, xmp_of

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = frozenset((b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"pHYs", b"bKGD", b"hIST", b"sPLT", b"mDCV", b"cLLI"))
"""Ancillary chunks without which the pixels would look otherwise; animation is not kept, for only the first frame is used."""
WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"))
WEBP_EXIF_AND_XMP = 0x0C
SOI, EOI, SOS, APP0, APP2, APP14, COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xE2, 0xEE, 0xFE
ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""JPEG markers without a segment."""


def without_metadata(content: bytes) -> bytes:
    """A JPEG, PNG or WebP file with the same pixels and profile and nothing else; other files as they are.

    A colorization keeps what it says of itself: that a model made its colors is no secret of a person, and a signature over it holds for
    the file as it is.
    Raises InvalidInputError where the file's parts cannot be told apart.
    """
    try:
        if content.startswith(b"\xff\xd8"):
            return b"".join(_jpeg_parts(content))
        if content.startswith(PNG_SIGNATURE):
            if COLORIZATION_NAMESPACE.encode() in content and COLORIZATION_NAMESPACE in (xmp_of(content) or ""):
                return content
            return PNG_SIGNATURE + b"".join(_png_chunks(content))
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            body = b"WEBP" + b"".join(_webp_chunks(content))
            return b"RIFF" + struct.pack("<I", len(body)) + body
    except (struct.error, IndexError, ValueError) as error:
        raise InvalidInputError(
            f"The parts of a picture's file cannot be told apart ({error}), so its metadata cannot be taken out."
        ) from None
    return content


def _jpeg_parts(content: bytes) -> Iterator[bytes]:
    """Segments and scans up to the first end of image: what follows it (a phone's second picture) has metadata of its own."""
    yield content[:2]
    place = 2
    while place < len(content):
        place = content.index(0xFF, place)
        while content[place] == 0xFF:
            place += 1
        marker = content[place]
        place += 1
        if marker == EOI:
            break
        if marker in ALONE or marker == 0:
            continue
        (length,) = struct.unpack_from(">H", content, place)
        segment = content[place : place + length]
        place += length
        if _is_kept(marker, segment):
            yield bytes((0xFF, marker)) + (_without_thumbnail(segment) if marker == APP0 else segment)
        if marker == SOS:
            end = _end_of_scan(content, place)
            yield content[place:end]
            place = end
    yield bytes((0xFF, EOI))


def _is_kept(marker: int, segment: bytes) -> bool:
    if marker == APP0:
        return segment[2:7] == b"JFIF\0"
    if marker == APP2:
        return segment[2:14] == b"ICC_PROFILE\0"
    return marker == APP14 or not (APP0 <= marker <= 0xEF or marker == COM)


def _without_thumbnail(segment: bytes) -> bytes:
    """A JFIF header without the small picture that may follow its 14 bytes."""
    return struct.pack(">H", 16) + segment[2:14] + b"\0\0"


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the next marker stands that is neither a stuffed byte nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            return len(content)
        if content[place + 1] not in (0, *range(0xD0, 0xD8)):
            return place
        place += 2


def _png_chunks(content: bytes) -> Iterator[bytes]:
    place = len(PNG_SIGNATURE)
    while place < len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind = content[place + 4 : place + 8]
        end = place + 12 + length
        if kind in PNG_KEPT or not kind[0] & 0x20:  # a capital letter first: critical
            yield content[place:end]
        if kind == b"IEND":
            return
        place = end


def _webp_chunks(content: bytes) -> Iterator[bytes]:
    place = 12
    while place + 8 <= len(content):
        kind = content[place : place + 4]
        (length,) = struct.unpack_from("<I", content, place + 4)
        end = place + 8 + length + length % 2
        if kind == b"VP8X":
            yield content[place : place + 8] + bytes((content[place + 8] & ~WEBP_EXIF_AND_XMP,)) + content[place + 9 : end]
        elif kind in WEBP_KEPT:
            yield content[place:end]
        place = end
