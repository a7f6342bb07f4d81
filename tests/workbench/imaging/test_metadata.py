"""A file without its metadata shows the same pixels in the same colors, and tells nothing of where, when and by whom it was taken."""

import io

import numpy as np
import PIL.Image
import PIL.ImageCms
import PIL.PngImagePlugin
import pytest

from tests.pictures import picture
from workbench.errors import InvalidInputError
from workbench.imaging.metadata import without_metadata
from workbench.imaging.xmp import COLORIZATION_NAMESPACE, with_xmp

SECRET = b"SN-4711-of-Ada"
PROFILE = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()


def exif() -> PIL.Image.Exif:
    """A position, an owner and a serial number."""
    tags = PIL.Image.Exif()
    tags[0x8298] = SECRET.decode()
    tags.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    tags.get_ifd(0x8769)[0xA431] = SECRET.decode()
    return tags


def told(kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(picture(3)).save(buffer, kind, exif=exif(), icc_profile=PROFILE, **options)
    return buffer.getvalue()


def png_with_texts() -> bytes:
    texts = PIL.PngImagePlugin.PngInfo()
    texts.add_text("Author", SECRET.decode())
    texts.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return told("PNG", pnginfo=texts)


FILES = {
    "baseline": told("JPEG", comment=SECRET, quality=90),
    "progressive": told("JPEG", progressive=True, restart_marker_blocks=2, xmp=SECRET),
    "with a second picture after its end": told("JPEG") + told("JPEG"),
    "png": png_with_texts(),
    "webp": told("WEBP", xmp=SECRET),
    "lossless webp": told("WEBP", lossless=True, xmp=SECRET),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_position_owner_and_serial_number_go_and_the_pixels_stay(content):
    assert SECRET in content
    plain = without_metadata(content)
    assert SECRET not in plain
    with PIL.Image.open(io.BytesIO(content)) as before, PIL.Image.open(io.BytesIO(plain)) as after:
        assert not dict(after.getexif())
        assert after.info["icc_profile"] == PROFILE
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_taking_out_what_is_out_changes_nothing(content):
    assert without_metadata(without_metadata(content)) == without_metadata(content)


def test_a_colorization_keeps_what_it_says_of_itself_and_nothing_else_is_taken_for_one():
    own = with_xmp(png_with_texts(), f'<x xmlns:lcad="{COLORIZATION_NAMESPACE}"/>')
    assert without_metadata(own) == own
    beside = png_with_texts().replace(SECRET, COLORIZATION_NAMESPACE.encode()[: len(SECRET)])
    assert COLORIZATION_NAMESPACE.encode()[: len(SECRET)] not in without_metadata(beside)


def test_a_file_whose_parts_cannot_be_told_apart_is_refused():
    with pytest.raises(InvalidInputError, match="cannot be taken out"):
        without_metadata(FILES["png"][:35])
    with pytest.raises(InvalidInputError, match="cannot be taken out"):
        without_metadata(b"\xff\xd8\xff\xe1")
