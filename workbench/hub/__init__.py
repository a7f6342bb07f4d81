"""Releases and checkpoints on their way to others and back: a hub (Hugging Face), an object store, or a folder, all in one layout."""

from workbench.hub.checkpoint_files import checkpoint_contents
from workbench.hub.contents import Contents, Sent
from workbench.hub.fetching import fetch, listed
from workbench.hub.places import HubPlace, Place, StorePlace, place_of
from workbench.hub.pushing import push, unsent
from workbench.hub.release_files import release_contents

__all__ = [
    "Contents", "HubPlace", "Place", "Sent", "StorePlace", "checkpoint_contents", "fetch", "listed", "place_of", "push", "release_contents",
    "unsent",
]  # fmt: skip
