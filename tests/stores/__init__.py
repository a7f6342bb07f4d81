"""Every store that tests start from: empty, with pictures, captions and masks, colorized, rated, released, or one with all of it.

`add_…` go through the services, as a person's work does. `insert_…` write plain rows of a known level, size and hash, for rooms that start
from what others have made: they read no caption and decode no picture, so hundreds of them are made in a moment.
"""

from tests.stores.added import TEXT, add_caption, add_described, add_image, add_region, ground, mention, square
from tests.stores.colorized import SETTINGS, colorize, insert_checkpoint
from tests.stores.filled import PAINTS, Filled, box, fill
from tests.stores.folders import empty, home_of, migrated, opened, reading, writing
from tests.stores.inserted import HEIGHT, WIDTH, insert_caption, insert_described, insert_duplicate, insert_grounding, insert_image
from tests.stores.released import create_release, release_of_twelve, splits_of
from tests.stores.studied import add_study, open_pair_study, preferring, systems_of, vote_until_done

__all__ = [
    "HEIGHT", "PAINTS", "SETTINGS", "TEXT", "WIDTH",
    "Filled", "add_caption", "add_described", "add_image", "add_region", "add_study", "box", "colorize", "create_release", "empty", "fill",
    "ground", "home_of", "insert_caption", "insert_checkpoint", "insert_described", "insert_duplicate", "insert_grounding", "insert_image",
    "mention", "migrated", "open_pair_study", "opened", "preferring", "reading", "release_of_twelve", "splits_of", "square", "systems_of",
    "vote_until_done", "writing",
]  # fmt: skip
