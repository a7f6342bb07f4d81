"""The phrases of captions without masks: what the model is to look for by itself (`lcad.seeking`)."""

from collections.abc import Sequence

from lcad.pipeline import Region
from workbench.levels import read_captions

FEWEST = 2
"""Phrases that a caption needs for it: one alone has no rival to be told from."""


def sought_regions(captions: Sequence[str]) -> list[list[Region]]:
    """For each caption, regions without a mask of the objects that it mentions; none where they are fewer than FEWEST."""
    regions = [[Region((mention.start, mention.end)) for mention in reading.mentions] for reading in read_captions(captions)]
    return [there if len(there) >= FEWEST else [] for there in regions]
