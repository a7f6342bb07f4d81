"""Files by content, events and undo, snapshots of rows, a row or a set of rows by their ids."""

from workbench.store.atomic_files import atomic_file, sync_folder
from workbench.store.chunks import BATCH, batches
from workbench.store.media import MediaStore
from workbench.store.named_paths import expanded, is_file, is_folder, is_there
from workbench.store.openings import Opening, within
from workbench.store.rows import require, sorted_ids, values_among
from workbench.store.snapshots import insert_keyed
from workbench.store.spool import Spool

__all__ = [
    "BATCH", "MediaStore", "Opening", "Spool", "atomic_file", "batches", "expanded", "insert_keyed", "is_file", "is_folder", "is_there",
    "require", "sorted_ids", "sync_folder", "values_among", "within",
]  # fmt: skip
