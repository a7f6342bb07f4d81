"""What the demo found, and why the rest is not there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, overload


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=Named)


@dataclass(frozen=True)
class Gathered(Sequence[Item]):
    """The items that could be made, and one reason for each that could not."""

    items: tuple[Item, ...]
    missing: tuple[str, ...]

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index):
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def named(self, name: str) -> Item | None:
        """The item of a name, or None when it is missing."""
        return next((item for item in self.items if item.name == name), None)
