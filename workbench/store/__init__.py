"""Files by content, events and undo, snapshots of rows, chunks of ids, and what text can be stored."""

from workbench.store.atomic_files import atomic_file, sync_folder
from workbench.store.chunks import BATCH, batches
from workbench.store.media import MediaStore
from workbench.store.snapshots import insert_keyed
from workbench.store.spool import Spool
from workbench.store.texts import is_text, legible

__all__ = ["BATCH", "MediaStore", "Spool", "atomic_file", "batches", "insert_keyed", "is_text", "legible", "sync_folder"]
