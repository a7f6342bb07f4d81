"""Sending to any kind of place."""

from collections.abc import Callable

from workbench.hub import hugging_face, object_stores
from workbench.hub.contents import Contents, Sent, SentFile
from workbench.hub.places import HubPlace, Place


def push(
    place: Place, contents: Contents, *, public: bool = False, progress: Callable[[int, int], object] = lambda _done, _all: None
) -> Sent:
    """Send files to a place; what lies there already is not sent again, so the same call goes on where one was cut short.

    A repository of a hub is made private unless `public` is said, and the version becomes its tag; elsewhere it is a folder NAME/VERSION.
    Raises ConflictError where something else lies there, MissingPartError where the place cannot be reached, NotAllowedError where it wants
    a token.
    """
    if isinstance(place, HubPlace):
        return hugging_face.push(place, contents, public=public, progress=progress)
    return object_stores.push(place, contents, progress=progress)


def unsent(place: Place, contents: Contents) -> list[SentFile]:
    """The files that `push` would send. Raises as it does."""
    return hugging_face.unsent(place, contents) if isinstance(place, HubPlace) else object_stores.unsent(place, contents)
