"""Image files of the wild to upright 8-bit sRGB pixels: orientation, color profile, bit depth, transparency, and what cannot be read."""

import io
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageCms
import PIL.ImageOps
import pillow_heif
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile

from workbench.errors import UnreadableFileError

PIL.Image.init()
pillow_heif.register_heif_opener()

MAX_PIXELS = 178_956_970
"""Refused before decoding: a quarter of 2 GiB at 3 bytes a pixel, where Pillow too says "decompression bomb"."""
LARGE_PIXELS = 40_000_000
"""From here on a picture is decoded by itself: some of these at once would take all memory."""
MIN_SIDE = 8
"""The model's latents have one cell for 8 pixels."""
MAX_ASPECT = 32
"""Beyond it a picture is a stripe: at the model's own size its shorter side has no pixel left."""
SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
    "TIFF": ".tif",
    "BMP": ".bmp",
    "GIF": ".gif",
    "HEIF": ".heic",
    "AVIF": ".avif",
}
"""The formats that are read, and the suffix under which an original is kept. Nothing else is tried (Pillow would run Ghostscript)."""
READ_AS_IS = frozenset({"JPEG", "PNG", "WEBP"})
"""Formats that every later step and every browser reads: an original that is upright 8-bit sRGB stays its own rendition."""
OPEN_MODES = {"La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}
WHITE = (255, 255, 255)
STRIPE = 256
"""Rows of pixels copied at once."""


@dataclass(frozen=True)
class Decoded:
    """A file's upright sRGB pixels (H, W, 3) uint8, and what was done to get them."""

    pixels: NDArray[np.uint8]
    format: str
    bit_depth: int
    is_upright_srgb: bool
    """Whether the file itself, opened without any care, gives exactly these pixels."""
    attributes: dict[str, Any] = field(default_factory=dict)


class LargePictureError(Exception):
    """The picture is to be decoded with no other beside it."""


def decode(content: bytes, *, most_pixels: int = MAX_PIXELS) -> Decoded:
    """Decode a JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or AVIF file; of several pages or frames the first.

    EXIF orientation and an embedded color profile are honored and transparency is composited on white; each is said in `attributes`.
    16-bit gray is rounded to 8 bits; of 16-bit color Pillow keeps the high byte, at most one level of 255 lower.
    Raises UnreadableFileError with the reason, before decoding where the header tells: more than MAX_PIXELS pixels, a side under
    MIN_SIDE, an aspect above MAX_ASPECT. Raises LargePictureError where the header tells more than `most_pixels`.
    """
    if not content:
        raise UnreadableFileError("The file is empty (0 bytes).")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the limits below are ours; a damaged tag that Pillow steps over is no news
            return _decode(content, most_pixels)
    except (UnreadableFileError, LargePictureError):
        raise
    except PIL.UnidentifiedImageError:
        raise UnreadableFileError(_not_an_image(content)) from None
    except PIL.Image.DecompressionBombError:
        raise UnreadableFileError(f"The picture has more than {MAX_PIXELS:,} pixels (a decompression bomb?).") from None
    except MemoryError:
        raise UnreadableFileError("The picture needs more memory than one may take here.") from None
    except Exception as error:  # codecs raise what they like (SyntaxError, struct.error, RuntimeError); the file is to blame
        raise UnreadableFileError(f"The picture is broken or cut short: {str(error) or type(error).__name__}.") from error


def _decode(content: bytes, most_pixels: int) -> Decoded:
    with PIL.Image.open(io.BytesIO(content), formats=list(SUFFIXES)) as opened:
        _require_size(*opened.size)
        if opened.width * opened.height > most_pixels:
            raise LargePictureError
        kind = "JPEG" if opened.format == "MPO" else opened.format or ""
        attributes = _pages(opened)
        depth = _bit_depth(opened, content)
        orientation = opened.getexif().get(0x0112, 1)
        opened.load()
        profile = opened.info.get("icc_profile")
        mode = opened.mode
        upright = opened if orientation in (0, 1) else PIL.ImageOps.exif_transpose(opened)  # which copies in any case
    if orientation not in (0, 1):
        attributes["orientation"] = orientation
    _require_size(*upright.size)
    flat, transparent = _without_alpha(_eight_bits(upright), profile, attributes)
    as_is = kind in READ_AS_IS and depth == 8 and not attributes and not transparent
    return Decoded(_pixels_of(flat), kind, depth, as_is and mode in ("RGB", "L", "P"), attributes)


def _pixels_of(image: PIL.Image.Image) -> NDArray[np.uint8]:
    """The pixels (H, W, 3) of an RGB image, in stripes: NumPy's own reading holds two more copies of all of them for a moment."""
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, STRIPE):
        bottom = min(image.height, top + STRIPE)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _require_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableFileError(f"The picture has {width} × {height} pixels; at most {MAX_PIXELS:,} are read (a decompression bomb?).")
    if min(width, height) < MIN_SIDE:
        raise UnreadableFileError(f"The picture has {width} × {height} pixels; each side needs at least {MIN_SIDE}.")
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise UnreadableFileError(f"The picture has {width} × {height} pixels; one side may be at most {MAX_ASPECT} times the other.")


def _pages(opened: PIL.Image.Image) -> dict[str, Any]:
    frames = getattr(opened, "n_frames", 1) if opened.format != "MPO" else 1
    return {"frames": frames} if frames > 1 else {}


def _bit_depth(opened: PIL.Image.Image, content: bytes) -> int:
    """Bits a channel as stored; Pillow's modes hide it for 16-bit color."""
    if opened.format == "PNG":
        return max(content[24], 8) if opened.mode == "P" else content[24]
    if isinstance(opened, TiffImageFile):
        return max(opened.tag_v2.get(258, (1,)))
    if opened.mode == "1":
        return 1
    return int(opened.info.get("bit_depth", 8))


def _eight_bits(image: PIL.Image.Image) -> PIL.Image.Image:
    """The image in a mode of 8 bits a channel. Raises UnreadableFileError for numbers whose white is unknown."""
    if image.mode == "F":
        values = np.asarray(image)
        if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
            raise UnreadableFileError("The picture has floating-point pixels outside [0, 1], so that its white is unknown.")
        return PIL.Image.fromarray(np.round(values * 255).astype(np.uint8))
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0 or values.max() > 65535:
            raise UnreadableFileError("The picture has 32-bit pixels outside [0, 65535], so that its white is unknown.")
        return PIL.Image.fromarray(np.round(values / 257).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("P", "PA"):
        return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if "transparency" in image.info and image.mode in ("L", "RGB"):
        return image.convert("RGBA")
    return image.convert(OPEN_MODES[image.mode]) if image.mode in OPEN_MODES else image


def _without_alpha(image: PIL.Image.Image, profile: bytes | None, attributes: dict[str, Any]) -> tuple[PIL.Image.Image, bool]:
    """The image as opaque sRGB, and whether it had an alpha channel."""
    if image.mode not in ("LA", "RGBA"):
        return _to_srgb(image, profile, attributes), False
    alpha = image.getchannel("A")
    color = _to_srgb(image.convert(image.mode[:-1]), profile, attributes)
    if alpha.getextrema()[0] == 255:
        return color, False
    attributes["alpha"] = "composited on white"
    return PIL.Image.composite(color, PIL.Image.new("RGB", image.size, WHITE), alpha), True


def _to_srgb(image: PIL.Image.Image, profile: bytes | None, attributes: dict[str, Any]) -> PIL.Image.Image:
    """The image in sRGB, by its embedded profile where there is one; a profile that cannot be used is said and left out."""
    if profile:
        try:
            return _by_profile(image, profile, attributes)
        except (PIL.ImageCms.PyCMSError, OSError, ValueError) as error:
            attributes["color_profile"] = f"cannot be used, taken as sRGB ({str(error) or type(error).__name__})"
    elif image.mode in ("CMYK", "YCbCr", "LAB"):
        attributes["color_space"] = image.mode
    if image.mode == "LAB":
        return _converted(image, PIL.ImageCms.createProfile("LAB"), PIL.ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _by_profile(image: PIL.Image.Image, profile: bytes, attributes: dict[str, Any]) -> PIL.Image.Image:
    source = PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile))
    name = PIL.ImageCms.getProfileDescription(source).strip("\x00 \n")
    if "srgb" in name.lower() and image.mode == "RGB":
        return image
    converted = _converted(
        image,
        source,
        PIL.ImageCms.createProfile("sRGB"),
        renderingIntent=PIL.ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=PIL.ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    attributes["color_profile"] = name or "unnamed"
    return converted


def _not_an_image(content: bytes) -> str:
    start = content[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html")):
        return "The file is a web page, not a picture."
    if start.startswith(b"<svg") or b"<svg" in start:
        return "The file is an SVG drawing, which has no pixels of its own; export it as PNG."
    try:
        content[:512].decode("utf-8")
    except UnicodeDecodeError:
        return "The file is of a kind that is not read here, or its beginning is damaged."
    return "The file is text, not a picture."


def _converted(image: PIL.Image.Image, source: Any, target: Any, **options: Any) -> PIL.Image.Image:
    converted = PIL.ImageCms.profileToProfile(image, source, target, **options)
    return image if converted is None else converted  # None: changed in place, which no call here asks for
