"""The manifest of a guest: what its ONNX file takes and gives.

A guest is a folder with `guest.json` and the ONNX file that it names:

    {
      "model": "model.onnx",
      "input":  {"name": "gray", "kind": "lightness", "range": [0, 100], "channels": 1},
      "output": {"name": "ab", "kind": "ab", "range": [-110, 110]},
      "size": 256, "multiple": 32,
      "text": {"name": "caption", "kind": "string"},
      "title": "…", "source": "https://…", "license": "…"
    }

input   kind "lightness" is L of CIELAB, "gray" the gray sRGB value; `range` is what black and white are given as, `channels` 1 or 3
        (the same plane three times). Layout (1, channels, height, width), float32.
output  kind "ab", (1, 2, h, w): a and b of CIELAB, whose values from -110 to 110 have the `range`; "rgb", (1, 3, h, w): sRGB, of which
        only the chroma is taken, black and white in `range`. h and w may differ from the input's.
size    of the longer side in pixels that pictures are given at; null for their own. `multiple`: each side is one of it (1 by default),
        by stretching, at most half of it.
text    null for a colorizer that reads no caption; kind "string" for an input of one string, "tokens" for token numbers (1, length)
        int64 by a `tokenizer.json` in the folder (of the library tokenizers) cut or padded to `length`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

__all__ = ["MANIFEST", "GuestManifest", "Plane", "Text", "is_guest", "read_manifest"]

MANIFEST = "guest.json"
KNOWN = {"model", "input", "output", "size", "multiple", "text", "title", "source", "license"}


@dataclass(frozen=True)
class Plane:
    """An input or output: its name in the ONNX file, what it is, the range of its values, and its channels."""

    name: str
    kind: str
    low: float
    high: float
    channels: int = 1


@dataclass(frozen=True)
class Text:
    """The input that a caption goes to; `length` in tokens, of the kind "tokens"."""

    name: str
    kind: Literal["string", "tokens"]
    length: int = 77
    padding: int = 0


@dataclass(frozen=True)
class GuestManifest:
    """What a guest takes and gives."""

    model: Path
    input: Plane
    output: Plane
    size: int | None
    multiple: int
    text: Text | None
    title: str
    source: str
    license: str


def is_guest(folder: str | Path) -> bool:
    """Whether a folder is a guest's."""
    return (Path(folder) / MANIFEST).is_file()


def read_manifest(folder: str | Path) -> GuestManifest:
    """The manifest of a guest's folder.

    Raises FileNotFoundError that names a missing file, ValueError that names the field that cannot be used.
    """
    folder = Path(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(f"{folder} is no guest: it has no {MANIFEST}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if not isinstance(content, dict) or content.keys() - KNOWN or not {"model", "input", "output"} <= content.keys():
        raise ValueError(f"{path}: expected an object with model, input, output and, if wanted, {', '.join(sorted(KNOWN))}")
    model = folder / str(content["model"])
    if not model.is_file() or folder.resolve() not in model.resolve().parents:
        raise FileNotFoundError(f"{path} names the model {content['model']}, which is no file in its folder")
    size, multiple = content.get("size"), content.get("multiple", 1)
    if not (size is None or (_whole(size) and size >= 16)) or not (_whole(multiple) and multiple >= 1):
        raise ValueError(f"{path}: expected a size of 16 or more, or null, and a multiple of 1 or more, got {size!r} and {multiple!r}")
    return GuestManifest(
        model=model,
        input=_plane(path, "input", content["input"], ("lightness", "gray")),
        output=_plane(path, "output", content["output"], ("ab", "rgb")),
        size=size,
        multiple=multiple,
        text=_text(path, content.get("text"), folder),
        title=str(content.get("title") or folder.name),
        source=str(content.get("source", "")),
        license=str(content.get("license", "")),
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _plane(path: Path, field: str, entry: Any, kinds: tuple[str, ...]) -> Plane:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or entry.get("kind") not in kinds:
        raise ValueError(f"{path}, {field}: expected a name and a kind of {', '.join(kinds)}, got {json.dumps(entry)[:100]}")
    span, channels = entry.get("range"), entry.get("channels", 1)
    numbers = isinstance(span, list) and len(span) == 2 and all(isinstance(end, int | float) and not isinstance(end, bool) for end in span)
    if not numbers or span[0] >= span[1]:
        raise ValueError(f"{path}, {field}: expected a range of two numbers, the smaller first, got {span!r}")
    if channels not in (1, 3):
        raise ValueError(f"{path}, {field}: expected 1 or 3 channels, got {channels!r}")
    return Plane(entry["name"], entry["kind"], float(span[0]), float(span[1]), channels)


def _text(path: Path, entry: Any, folder: Path) -> Text | None:
    if entry is None:
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or entry.get("kind") not in ("string", "tokens"):
        raise ValueError(f"{path}, text: expected null, or a name and a kind of string or tokens, got {json.dumps(entry)[:100]}")
    length, padding = entry.get("length", 77), entry.get("padding", 0)
    if not _whole(length) or length < 1 or not _whole(padding):
        raise ValueError(f"{path}, text: expected a length in tokens and a padding token, whole numbers, got {length!r} and {padding!r}")
    if entry["kind"] == "tokens" and not (folder / "tokenizer.json").is_file():
        raise FileNotFoundError(f"{path} wants token numbers, but there is no tokenizer.json beside it")
    return Text(entry["name"], entry["kind"], length, padding)
