"""Other people's colorizers as guests: an ONNX file and a small manifest are a checkpoint that can be compared with L-CAD."""

from importlib import import_module
from typing import TYPE_CHECKING

from lcad.guests.manifest import MANIFEST, GuestManifest, is_guest, read_manifest

if TYPE_CHECKING:
    from lcad.guests.colorizer import GuestColorizer

__all__ = ["MANIFEST", "GuestColorizer", "GuestManifest", "is_guest", "read_manifest"]


def __getattr__(name: str):
    """Load the colorizer only where it is asked for: to tell a guest from a checkpoint nothing of torch is needed."""
    if name != "GuestColorizer":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("lcad.guests.colorizer").GuestColorizer
