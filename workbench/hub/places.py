"""Where files go and come from: `hf://OWNER/NAME` with a revision, or any folder, also of an object store (`s3://BUCKET/PREFIX`)."""

import re
from dataclasses import dataclass

from workbench.errors import InvalidInputError
from workbench.store import expanded

HUB = "hf://"
REPOSITORY = re.compile(r"(?:(datasets|models)/)?([\w.-]{1,96}/[\w.-]{1,96})(?:@([\w./-]+))?")


@dataclass(frozen=True)
class HubPlace:
    """A repository of a hub; `revision` is a tag, a branch or a commit, None the main branch."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{HUB}{self.repository}" + (f"@{self.revision}" if self.revision else "")


@dataclass(frozen=True)
class StorePlace:
    """A folder: a local one, or one of an object store by its URL."""

    url: str

    def __str__(self) -> str:
        return self.url

    def within(self, *names: str) -> "StorePlace":
        """A folder below it."""
        return StorePlace("/".join([self.url.rstrip("/"), *names]))


Place = HubPlace | StorePlace


def place_of(address: str) -> Place:
    """What an address means. Raises InvalidInputError for an `hf://` address that names no repository."""
    if address.startswith(HUB):
        named = REPOSITORY.fullmatch(address.removeprefix(HUB).rstrip("/"))
        if named is None:
            raise InvalidInputError(f"{address} names no repository of the hub; write hf://OWNER/NAME, or hf://OWNER/NAME@REVISION.")
        return HubPlace(named[2], named[3])
    return StorePlace(address if "://" in address else str(expanded(address).resolve()))
