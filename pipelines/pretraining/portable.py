"""Training away from home: photos and labels in one small file, and a training's state in parts, for machines that take little at once."""

import io
import json
import shutil
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import PIL.Image

from pipelines.pretraining.photo_sources import LABELS, LISTING

MIB = 2**20
MOST_PART = 16 * MIB
QUALITY = 82  # of the photos' JPEG


def pack_photos(folder: Path, target: Path, longer_side: int, names: Iterable[str] | None = None) -> int:
    """Write a collection's photos, `longer_side` pixels at most, and its labels to one zip file; the bytes that it has.

    Labels keep their own sizes: they are brought to the photo's when they are read.
    """
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as out:
        for row in map(json.loads, (folder / LISTING).read_text(encoding="utf-8").splitlines()):
            if names is not None and row["file_name"] not in names:
                continue
            with PIL.Image.open(folder / row["file_name"]) as photo:
                small = photo.convert("RGB")
                small.thumbnail((longer_side, longer_side), PIL.Image.Resampling.LANCZOS)
                content = io.BytesIO()
                small.save(content, "JPEG", quality=QUALITY)
            out.writestr(row["file_name"], content.getvalue())
        for name in (LISTING, *LABELS):
            if (folder / name).is_file():
                out.write(folder / name, name, compress_type=zipfile.ZIP_DEFLATED)
    part.rename(target)
    return target.stat().st_size


def unpacked(photos: Path, folder: Path) -> Path:
    """The folder of a collection that may be such a zip file, unpacked to `folder` where it is not there yet."""
    if photos.is_dir():
        return photos
    if not (folder / LISTING).is_file():
        fresh = folder.with_name(folder.name + ".part")
        shutil.rmtree(fresh, ignore_errors=True)
        with zipfile.ZipFile(photos) as packed:
            packed.extractall(fresh)
        fresh.rename(folder)
    return folder


def write_parts(state: Path, into: Path, most: int = MOST_PART) -> list[Path]:
    """Write a folder as files `NAME.000`, `NAME.001`, … of at most so many bytes; those of an earlier writing are removed."""
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob(f"{state.name}.[0-9][0-9][0-9]"):
        old.unlink()
    whole = into / f"{state.name}.tar"
    with tarfile.open(whole, "w") as archive:
        archive.add(state, state.name)
    parts = []
    with whole.open("rb") as source:
        while block := source.read(most):
            parts.append(into / f"{state.name}.{len(parts):03}")
            parts[-1].write_bytes(block)
    whole.unlink()
    return parts


def join_parts(parts: Iterable[Path], into: Path) -> Path:
    """The folder of such files, put back under `into`. Raises ValueError where a part is missing or of another folder."""
    parts = sorted(parts)
    names = {part.stem for part in parts}
    if len(names) != 1 or [part.suffix for part in parts] != [f".{n:03}" for n in range(len(parts))]:
        raise ValueError(f"expected all parts of one state, from .000 on, got {', '.join(part.name for part in parts) or 'none'}")
    content = io.BytesIO(b"".join(part.read_bytes() for part in parts))
    try:
        with tarfile.open(fileobj=content) as archive:
            archive.extractall(into, filter="data")
    except tarfile.ReadError as error:
        raise ValueError(f"the parts of {parts[0].stem} are not whole: {error}") from None
    return into / parts[0].stem
