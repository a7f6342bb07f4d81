"""Images that must stay out of a release, such as a benchmark's test set: known by their hashes, kept with the release.

A list is a folder of images, or a file with one image a line:

    the SHA-256 of its file or of its upright pixels (64 hexadecimal digits), as `sha256sum` writes it, with a name behind it or without
    its pHash (16 hexadecimal digits), which finds near duplicates too
    a JSON object with "sha256", "pixel_hash" or "phash", and "name": what `lines_of` writes of a folder

It is kept in the media store as such lines of JSON, so that what a release was checked against is as frozen as the release. Of a folder
each line has the image's landmarks besides, by which crops are found. They hold a small gray picture, so a list that is handed on has them
only where that is asked for: "landmarks" in a JSON object, as base64.
"""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Image
from workbench.errors import InvalidInputError, UnreadableFileError
from workbench.imaging import NEAR_DISTANCE, SUFFIXES, NearIndex, pixel_hash
from workbench.imaging.crop_index import CropIndex
from workbench.imaging.decode import decode
from workbench.imaging.perceptual_hash import perceptual_hash
from workbench.store import MediaStore, expanded, is_file, is_folder

ENDINGS = {*SUFFIXES.values(), ".jpeg", ".tiff", ".heif"}
HASH = re.compile(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{64}")
KNOWN = ("sha256", "pixel_hash", "phash")


@dataclass
class Foreign:
    """One list, ready to be compared with: exact hashes and appearances, each with the name of its image."""

    name: str
    exact: dict[str, str] = field(default_factory=dict)
    near: NearIndex = field(default_factory=NearIndex)
    names: list[str] = field(default_factory=list)
    landmarks: list[tuple[str, bytes]] = field(default_factory=list)
    """Of images of a folder, or of a list that has them, their names and packed landmarks."""

    def match(self, sha256: str, pixels: str, phash: int) -> str | None:
        """How an image is in the list, in words; None where it is not."""
        for name in (self.exact.get(sha256), self.exact.get(pixels)):
            if name is not None:
                return f"it is {name} of the foreign images {self.name}"
        for index, distance in self.near.near(phash)[:1]:
            return f"it is a near duplicate ({distance} of {NEAR_DISTANCE} bits) of {self.names[index]} of the foreign images {self.name}"
        return None


def keep(media: MediaStore, entry: str | Mapping[str, Any]) -> dict[str, Any]:
    """A list kept in the media store, as {name, key, images}; one that is kept already stays as it is.

    Raises InvalidInputError where there is nothing to read, and UnreadableFileError that names the image or line that cannot be read.
    """
    if not isinstance(entry, str):
        return dict(entry)
    path = expanded(entry)
    lines = list(lines_of(path, landmarks=True))
    if not lines:
        raise InvalidInputError(f"{path} names no foreign images; give a folder of images or a file with a hash on each line.")
    return {"name": path.stem if path.is_file() else path.name, "key": media.put("".join(lines).encode(), ".jsonl"), "images": len(lines)}


def lines_of(path: Path, *, landmarks: bool = False) -> Iterator[str]:
    """A folder's images, with their landmarks where that is said, or a file's hashes as lines of JSON; raises as `keep` does."""
    if is_folder(path):
        files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in ENDINGS)
        records: Iterable[dict[str, Any]] = (_hashed(file, file.relative_to(path).as_posix(), landmarks) for file in files)
    elif is_file(path):
        records = _read(path)
    else:
        raise InvalidInputError(f"There is no folder or file {path} with foreign images.")
    for record in records:
        yield json.dumps(record, sort_keys=True, ensure_ascii=False) + "\n"


def _hashed(file: Path, name: str, landmarks: bool) -> dict[str, Any]:
    content = file.read_bytes()
    try:
        pixels = decode(content).pixels
    except UnreadableFileError as error:
        raise UnreadableFileError(f"The foreign image {file} cannot be compared with: {error}") from None
    return {
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "pixel_hash": pixel_hash(pixels),
        "phash": _digits(perceptual_hash(pixels)),
        **({"landmarks": _landmarks(pixels)} if landmarks else {}),
    }


def _landmarks(pixels: NDArray[np.uint8]) -> str:
    from workbench.imaging.landmarks import landmarks_of, pack  # here and not above: OpenCV is a good part of the app's start

    return base64.b64encode(pack(landmarks_of(pixels))).decode()


def _read(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableFileError(f"{path} is no text; give a folder of images or a file with a hash on each line.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield _record(line.strip(), f"{path}, line {number}")


def _record(line: str, place: str) -> dict[str, Any]:
    if line.startswith("{"):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            raise UnreadableFileError(f"{place} is no JSON: {error.msg}.") from None
        hashes = {name: str(entry[name]).lower() for name in KNOWN if entry.get(name)}
        if not hashes or not all(HASH.fullmatch(value) and (len(value) == 16) == (name == "phash") for name, value in hashes.items()):
            raise UnreadableFileError(f'{place} has no "sha256" or "pixel_hash" of 64 or "phash" of 16 hexadecimal digits.')
        return {"name": str(entry.get("name") or next(iter(hashes.values()))[:16]), **hashes, **_given_landmarks(entry, place)}
    value, _, name = line.partition(" ")
    if not HASH.fullmatch(value):
        raise UnreadableFileError(f'{place}: "{value[:80]}" is no hash; it has 64 hexadecimal digits (SHA-256) or 16 (pHash).')
    return {"name": name.strip(" *") or value[:16].lower(), "phash" if len(value) == 16 else "sha256": value.lower()}


def _given_landmarks(entry: Mapping[str, Any], place: str) -> dict[str, str]:
    """The landmarks of a line, if it has any that can be read."""
    if not entry.get("landmarks"):
        return {}
    from workbench.imaging.landmarks import unpack  # here and not above: OpenCV is a good part of the app's start

    try:
        unpack(base64.b64decode(str(entry["landmarks"]), validate=True))
    except (ValueError, struct.error):
        raise UnreadableFileError(
            f"{place} has landmarks that this version cannot read; write the list anew with `workbench releases hashes FOLDER --crops`."
        ) from None
    return {"landmarks": str(entry["landmarks"])}


def load(media: MediaStore, kept: Mapping[str, Any]) -> Foreign:
    """A list that was kept, ready to be compared with."""
    foreign, hashes = Foreign(kept["name"]), []
    for line in media.read(kept["key"]).decode().splitlines():
        record = json.loads(line)
        foreign.exact.update({record[name]: record["name"] for name in ("sha256", "pixel_hash") if name in record})
        if "phash" in record:
            foreign.names.append(record["name"])
            hashes.append(int(record["phash"], 16))
        if "landmarks" in record:
            foreign.landmarks.append((record["name"], base64.b64decode(record["landmarks"])))
    foreign.near = NearIndex(np.arange(len(hashes)), np.array(hashes, np.uint64).view(np.int64))
    return foreign


def matches(session: Session, lists: Iterable[Foreign]) -> dict[str, str]:
    """The images of the store that are in one of the lists, by SHA-256, each with how."""
    by_image: dict[str, str] = {}
    lists = list(lists)
    if lists:
        for sha256, pixels, phash in session.execute(select(Image.sha256, Image.pixel_hash, Image.phash).execution_options(yield_per=1000)):
            why = next((why for one in lists if (why := one.match(sha256, pixels, phash)) is not None), None)
            if why is not None:
                by_image[sha256] = why
    return _crops(session, lists) | by_image


def _crops(session: Session, lists: Iterable[Foreign]) -> dict[str, str]:
    """The images of the store that are crops of one in the lists, or the other way round, by SHA-256."""
    known = [(one.name, name, packed) for one in lists for name, packed in one.landmarks]
    if not known:
        return {}
    from workbench.images import crops  # here and not above: OpenCV is a good part of the app's start

    by_image: dict[str, str] = {}
    index = crops.catch_up(session, CropIndex())
    for list_name, name, packed in known:
        for image_id in crops.like(session, index, packed):
            sha256 = session.execute(select(Image.sha256).where(Image.id == image_id)).scalar_one()
            by_image.setdefault(sha256, f"it shows the same as {name} of the foreign images {list_name}, cut differently")
    return by_image


def _digits(phash: int) -> str:
    return f"{phash & 0xFFFF_FFFF_FFFF_FFFF:016x}"
