"""Reading what people have: pictures in files, folders and archives, and the captions and masks that come with them.

    for item in scan(["photos/", "captions.json"]):
        item.name, item.captions, item.regions, item.read()

`collect` gives the same as a collection whose items can be asked for by reference, so that a long import can be planned in batches;
`prepare`, `likenesses` and `store` (in `ingest`) bring a batch into the store.
"""

from workbench.importing.collection import FORMATS, Collection, collect, scan
from workbench.importing.ingest import Failure, Intake, PreparedItem, likenesses, prepare, store
from workbench.importing.items import Item, ItemCaption, ItemRegion, Notes, Phrase
from workbench.importing.paths import missing_paths

__all__ = [
    "FORMATS",
    "Collection",
    "Failure",
    "Intake",
    "Item",
    "ItemCaption",
    "ItemRegion",
    "Notes",
    "Phrase",
    "PreparedItem",
    "collect",
    "likenesses",
    "missing_paths",
    "prepare",
    "scan",
    "store",
]
