"""A release's items as an export reads them: streamed by split, one by one or image by image."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from db.enums import Split
from db.models import ReleaseItem


@dataclass(frozen=True)
class Items:
    """`of(split)` streams a split's items in the manifest's order; `advance(n)` says that n more were written."""

    of: Callable[[Split], Iterator[ReleaseItem]]
    advance: Callable[[int], None]


def by_target(stream: Iterable[ReleaseItem]) -> Iterator[list[ReleaseItem]]:
    """Items in groups that share image and color target, in the order of the images; a group has one caption or more."""
    for _, of_image in groupby(stream, key=lambda item: item.image_sha256):
        groups: dict[str, list[ReleaseItem]] = {}
        for item in of_image:
            groups.setdefault(item.color_key, []).append(item)
        yield from groups.values()
