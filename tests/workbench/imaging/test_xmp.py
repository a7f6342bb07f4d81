"""XMP packets go into PNG files and come out again, and no pixel knows of it."""

import io

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest

from workbench.errors import InvalidInputError
from workbench.imaging.xmp import with_xmp, xmp_of

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)


def png(**options) -> bytes:
    content = io.BytesIO()
    PIL.Image.fromarray(PIXELS).save(content, "PNG", **options)
    return content.getvalue()


def test_a_packet_is_read_as_it_was_written_and_by_others_too():
    marked = with_xmp(png(), "<x>ein Löwe & ein Hund</x>")
    assert xmp_of(marked) == "<x>ein Löwe & ein Hund</x>"
    with PIL.Image.open(io.BytesIO(marked)) as picture:
        picture.load()
        assert picture.info["XML:com.adobe.xmp"] == "<x>ein Löwe & ein Hund</x>"
        assert (np.asarray(picture) == PIXELS).all()


def test_a_second_packet_takes_the_place_of_the_first():
    once, twice = with_xmp(png(), "<b/>"), with_xmp(with_xmp(png(), "<a/>"), "<b/>")
    assert once == twice


def test_all_other_chunks_keep_their_bytes():
    texts = PIL.PngImagePlugin.PngInfo()
    texts.add_itxt("Comment", "XML:com.adobe.xmp is only mentioned here")
    plain = png(pnginfo=texts, dpi=(300, 300))
    marked = with_xmp(plain, "<a/>")
    start = marked.index(b"iTXt") - 4
    length = int.from_bytes(marked[start : start + 4]) + 12
    assert marked[:start] + marked[start + length :] == plain


def test_a_file_without_a_packet_has_none():
    assert xmp_of(png()) is None


@pytest.mark.parametrize("content", [b"", b"GIF89a", png()[:40], png()[:-4]])
def test_what_is_no_whole_png_is_refused(content):
    with pytest.raises(InvalidInputError, match="PNG"):
        with_xmp(content, "<a/>")
