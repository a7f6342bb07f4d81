"""What steers the colors of captions: masks, or phrases that the model looks for itself (`lcad.attention.soft_masks`)."""

from collections.abc import Sequence

from lcad.pipeline import Region
from workbench.levels import Mention, read_captions


def steering_regions(captions: Sequence[str], masked: Sequence[list[Region]]) -> list[list[Region]]:
    """For each caption its regions with masks, or where it has none, regions without a mask of the objects that it mentions."""
    readings = iter(read_captions([caption for caption, there in zip(captions, masked, strict=True) if not there]))
    return [there or _sought(next(readings).mentions) for there in masked]


def _sought(mentions: Sequence[Mention]) -> list[Region]:
    return [Region((mention.start, mention.end)) for mention in mentions]
