"""Releases as files: the layouts, the dataset card, Croissant metadata, provenance; whole or not there at all."""

from workbench.exports.atomic_folder import CHECKSUMS
from workbench.exports.writing import FORMATS, Progress, listing, record, verify_folder, write, write_files

__all__ = ["CHECKSUMS", "FORMATS", "Progress", "listing", "record", "verify_folder", "write", "write_files"]
