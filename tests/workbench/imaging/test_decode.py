"""Real files of every kind become upright 8-bit sRGB; broken ones are refused with a reason."""

import contextlib
import struct
import zlib

import cv2
import numpy as np
import PIL.Image
import PIL.ImageCms
import pytest

from tests.pictures import encoded, picture
from workbench.errors import UnreadableFileError
from workbench.imaging.decode import MAX_ASPECT, MAX_PIXELS, decode

PIXELS = picture(5)


def test_a_plain_png_is_its_own_rendition():
    decoded = decode(encoded(PIXELS))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert (decoded.format, decoded.bit_depth, decoded.is_upright_srgb, decoded.attributes) == ("PNG", 8, True, {})


@pytest.mark.parametrize(
    ("kind", "options", "name", "stays"),
    [
        ("JPEG", {"quality": 98, "subsampling": 0}, "JPEG", True),
        ("WEBP", {"lossless": True}, "WEBP", True),
        ("BMP", {}, "BMP", False),
        ("TIFF", {}, "TIFF", False),
        ("TIFF", {"compression": "tiff_lzw"}, "TIFF", False),
        ("HEIF", {"quality": 100, "chroma": 444}, "HEIF", False),
        ("AVIF", {"quality": 100}, "AVIF", False),
    ],
)
def test_every_format_gives_its_pixels(kind, options, name, stays):
    decoded = decode(encoded(PIXELS, kind, **options))
    assert decoded.pixels.shape == PIXELS.shape
    assert np.abs(decoded.pixels.astype(int) - PIXELS).mean() < 4
    assert decoded.format == name
    assert decoded.is_upright_srgb is stays


def test_a_jpeg_with_a_second_picture_in_it_is_a_jpeg():
    decoded = decode(encoded(PIXELS, "MPO", save_all=True, append_images=[PIL.Image.fromarray(picture(6))], quality=98))
    assert decoded.format == "JPEG"
    assert np.abs(decoded.pixels.astype(int) - PIXELS).mean() < 6


def test_sixteen_bit_gray_is_rounded_to_eight():
    ramp = np.tile(np.linspace(0, 65535, 96).astype(np.uint16), (64, 1))
    for kind in ("PNG", "TIFF"):
        decoded = decode(encoded(PIL.Image.fromarray(ramp), kind))
        np.testing.assert_array_equal(decoded.pixels[..., 0], np.round(ramp / 257))
        assert decoded.bit_depth == 16
        assert not decoded.is_upright_srgb


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_color_keeps_its_high_byte(suffix):
    deep = PIXELS.astype(np.uint16) * 257
    decoded = decode(cv2.imencode(suffix, deep[..., ::-1])[1].tobytes())
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert decoded.bit_depth == 16
    assert not decoded.is_upright_srgb


def test_a_palette_is_resolved():
    paletted = PIL.Image.fromarray(PIXELS).quantize(32)
    decoded = decode(encoded(paletted))
    np.testing.assert_array_equal(decoded.pixels, np.asarray(paletted.convert("RGB")))
    assert decoded.is_upright_srgb


def test_black_and_white_scans_are_read():
    decoded = decode(encoded(PIL.Image.fromarray(PIXELS).convert("1"), "TIFF"))
    assert set(np.unique(decoded.pixels)) <= {0, 255}
    assert decoded.bit_depth == 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_composited_on_white_and_said(mode):
    image = PIL.Image.fromarray(PIXELS).convert("RGBA")
    alpha = np.full(PIXELS.shape[:2], 255, np.uint8)
    alpha[:10] = 0
    image.putalpha(PIL.Image.fromarray(alpha))
    image = image.quantize(64) if mode == "P" else image.convert(mode)
    decoded = decode(encoded(image))
    assert (decoded.pixels[:10] == 255).all()
    assert decoded.attributes["alpha"] == "composited on white"
    assert not decoded.is_upright_srgb


def test_half_transparency_is_half_white():
    image = PIL.Image.new("RGBA", (16, 16), (200, 0, 0, 128))
    np.testing.assert_allclose(decode(encoded(image)).pixels[0, 0], [227, 127, 127], atol=1)


def test_an_alpha_channel_that_hides_nothing_changes_nothing():
    decoded = decode(encoded(PIL.Image.fromarray(PIXELS).convert("RGBA")))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert decoded.attributes == {}


AS_STORED = {
    2: PIL.Image.Transpose.FLIP_LEFT_RIGHT,
    3: PIL.Image.Transpose.ROTATE_180,
    4: PIL.Image.Transpose.FLIP_TOP_BOTTOM,
    5: PIL.Image.Transpose.TRANSPOSE,
    6: PIL.Image.Transpose.ROTATE_90,
    7: PIL.Image.Transpose.TRANSVERSE,
    8: PIL.Image.Transpose.ROTATE_270,
}
"""How a camera that writes an orientation has turned the upright picture (EXIF 2.3, tag 274)."""


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_orientation_is_honored(orientation):
    stored = PIL.Image.fromarray(PIXELS).transpose(AS_STORED[orientation])
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    decoded = decode(encoded(stored, "PNG", exif=exif))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert decoded.attributes["orientation"] == orientation
    assert not decoded.is_upright_srgb


def test_a_heic_photo_taken_upright_stands_upright():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    stored = PIL.Image.fromarray(PIXELS).transpose(PIL.Image.Transpose.ROTATE_90)
    decoded = decode(encoded(stored, "HEIF", quality=100, chroma=444, exif=exif.tobytes()))
    assert decoded.pixels.shape == PIXELS.shape
    assert np.abs(decoded.pixels.astype(int) - PIXELS).mean() < 4


def wide_gamut_profile() -> bytes:
    """A matrix profile whose green is purer than that of sRGB, made of sRGB's own by swapping the red and green columns."""
    profile = bytearray(PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 136 + 12 * n for n in range(int.from_bytes(profile[128:132], "big"))}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile).replace(b"s\x00R\x00G\x00B", b"t\x00R\x00G\x00B")


def test_an_embedded_color_profile_is_converted_to_srgb():
    decoded = decode(encoded(PIXELS, "PNG", icc_profile=wide_gamut_profile()))
    np.testing.assert_allclose(decoded.pixels.astype(int), PIXELS[..., [1, 0, 2]], atol=3)
    assert decoded.attributes["color_profile"]
    assert not decoded.is_upright_srgb


def test_a_profile_that_is_srgb_leaves_the_file_as_it_is():
    profile = PIL.ImageCms.ImageCmsProfile(PIL.ImageCms.createProfile("sRGB")).tobytes()
    decoded = decode(encoded(PIXELS, "PNG", icc_profile=profile))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert decoded.is_upright_srgb


def test_a_broken_profile_is_said_and_left_out():
    decoded = decode(encoded(PIXELS, "PNG", icc_profile=b"no profile at all"))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert "cannot be used" in decoded.attributes["color_profile"]
    assert not decoded.is_upright_srgb


def test_cmyk_becomes_rgb():
    decoded = decode(encoded(PIL.Image.fromarray(PIXELS).convert("CMYK"), "JPEG", quality=98, subsampling=0))
    assert np.abs(decoded.pixels.astype(int) - PIXELS).mean() < 4
    assert decoded.attributes["color_space"] == "CMYK"
    assert not decoded.is_upright_srgb


def test_of_several_pages_the_first_is_read():
    other = PIL.Image.fromarray(picture(6))
    decoded = decode(encoded(PIXELS, "TIFF", save_all=True, append_images=[other, other]))
    np.testing.assert_array_equal(decoded.pixels, PIXELS)
    assert decoded.attributes["frames"] == 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "HEIF"])
def test_a_truncated_file_is_refused(kind):
    content = encoded(picture(7, 200, 200), kind)
    with pytest.raises(UnreadableFileError, match=r"broken|cut short|kind|damaged|text"):
        decode(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"just a few words", "text"),
        (b"<!DOCTYPE html><html>not found</html>", "web page"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (bytes(range(256)), "kind"),
        (b"%PDF-1.7 ...", "text"),
    ],
)
def test_what_is_no_picture_is_told_apart(content, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        decode(content)


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds next to nothing."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(13_400, 13_400), (100_000, 100_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises(UnreadableFileError, match=r"pixels.*bomb"):
        decode(png_header(*size))
    assert size[0] * size[1] > MAX_PIXELS


@pytest.mark.parametrize(
    ("size", "reason"), [((1, 4000), "at least"), ((7, 7), "at least"), ((20, 20 * MAX_ASPECT + 1), "times the other")]
)
def test_a_stripe_or_a_speck_is_refused(size, reason):
    with pytest.raises(UnreadableFileError, match=reason):
        decode(encoded(PIL.Image.new("RGB", size)))


def test_floating_point_pixels_are_read_where_white_is_one():
    values = np.linspace(0, 1, 64 * 96, dtype=np.float32).reshape(64, 96)
    np.testing.assert_array_equal(decode(encoded(PIL.Image.fromarray(values), "TIFF")).pixels[..., 0], np.round(values * 255))
    with pytest.raises(UnreadableFileError, match="floating-point"):
        decode(encoded(PIL.Image.fromarray(values * 300), "TIFF"))


def test_thirty_two_bit_pixels_are_read_where_they_fit_sixteen():
    values = np.linspace(0, 65535, 64 * 96).astype(np.int32).reshape(64, 96)
    np.testing.assert_array_equal(decode(encoded(PIL.Image.fromarray(values), "TIFF")).pixels[..., 0], np.round(values / 257))
    with pytest.raises(UnreadableFileError, match="32-bit"):
        decode(encoded(PIL.Image.fromarray(values * 2), "TIFF"))


def test_random_damage_never_ends_in_another_error():
    generator = np.random.default_rng(0)
    for kind in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "HEIF"):
        content = np.frombuffer(encoded(PIXELS, kind), np.uint8)
        for _ in range(25):
            damaged = content.copy()
            places = generator.integers(0, len(damaged), 12)
            damaged[places] = generator.integers(0, 256, 12)
            with contextlib.suppress(UnreadableFileError):
                assert decode(damaged.tobytes()).pixels.dtype == np.uint8
