"""Media files that no row names and no undo could bring back, and leftovers of writes that were cut short."""

import time
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from workbench.store import MediaStore
from workbench.upkeep.media_in_use import keys_in_use

__all__ = ["Garbage", "collect_garbage"]

YOUNG_SECONDS = 3600.0
"""What is younger may belong to an import that has not entered its rows yet."""


@dataclass
class Garbage:
    """What nothing needs: keys of media files, and names of leftovers, with their bytes."""

    keys: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    bytes: int = 0


def collect_garbage(session: Session, media: MediaStore, *, delete: bool = False, young_seconds: float = YOUNG_SECONDS) -> Garbage:
    """Find what nothing needs and, with `delete`, remove it. Files younger than `young_seconds` are left alone."""
    before = time.time() - young_seconds
    old = [stored for stored in media.listing() if stored.modified < before]  # listed first: a row that comes later names a younger file
    needed = keys_in_use(session)
    garbage = Garbage()
    for stored in old:
        if stored.is_key and stored.name in needed:
            continue
        (garbage.keys if stored.is_key else garbage.leftovers).append(stored.name)
        garbage.bytes += stored.size
        if delete:
            media.remove(stored)
    return garbage
