"""Keeping a store whole over the years: deep checks, backups and restoring, files that nothing needs."""

from workbench.upkeep.backups import Backup, back_up, restore
from workbench.upkeep.garbage import Garbage, collect_garbage
from workbench.upkeep.integrity import Damage, damages, database_damages
from workbench.upkeep.media_in_use import keys_in_use

__all__ = [
    "Backup",
    "Damage",
    "Garbage",
    "back_up",
    "collect_garbage",
    "damages",
    "database_damages",
    "keys_in_use",
    "restore",
]
