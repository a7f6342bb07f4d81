"""Other people's colorizers as guests: an ONNX file and a small manifest are a checkpoint that can be compared with L-CAD."""

from lcad.guests.colorizer import GuestColorizer
from lcad.guests.manifest import MANIFEST, GuestManifest, is_guest, read_manifest

__all__ = ["MANIFEST", "GuestColorizer", "GuestManifest", "is_guest", "read_manifest"]
