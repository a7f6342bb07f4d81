"""A Label Studio server, through its SDK: projects, pictures, tasks, and what changed."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError

from workbench.errors import MissingPartError, NotFoundError, WorkbenchError
from workbench.labelstudio.annotations import Annotation, Task

__all__ = ["Server"]

UPLOAD = 20
"""Pictures in one request."""
PAGE = 100
MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
"""How Label Studio's filters write a moment."""


class Server:
    """A server at an address, with somebody's token."""

    def __init__(self, address: str, token: str):
        self.address = address.rstrip("/")
        self._client = LabelStudio(base_url=self.address, api_key=token)
        self._people: dict[int, str] = {}

    def has(self, project: int) -> bool:
        """Whether there is a project with an id."""
        with _spoken(self.address):
            try:
                self._client.projects.get(project)
            except ApiError as error:
                if error.status_code == 404:
                    return False
                raise
        return True

    def find(self, title: str) -> int | None:
        """The id of the oldest project with a title; None where there is none."""
        with _spoken(self.address):
            return min((project.id for project in self._client.projects.list() if project.title == title), default=None)

    def make(self, title: str, form: str, description: str) -> int:
        """A new project; return its id."""
        with _spoken(self.address):
            return cast(int, self._client.projects.create(title=title, label_config=form, description=description).id)

    def keys(self, project: int) -> set[str]:
        """Our keys of all tasks of a project."""
        with _spoken(self.address):
            tasks = self._client.tasks.list(project=project, include="id,data", page_size=PAGE)
            return {task.data["wb_id"] for task in tasks if "wb_id" in task.data}

    def upload(self, project: int, files: Sequence[tuple[str, bytes]]) -> list[str]:
        """Put pictures, (file name, content), on the server; return the address of each as tasks name it.

        The project that takes them must show one picture and nothing else: Label Studio refuses files for other forms.
        """
        addresses: list[str] = []
        with _spoken(self.address):
            for start in range(0, len(files), UPLOAD):
                some = {f"file-{place}": named for place, named in enumerate(files[start : start + UPLOAD])}
                response = self._client._client_wrapper.httpx_client.request(
                    f"api/projects/{project}/import", method="POST", params={"commit_to_project": "false"}, files=cast(Any, some)
                )
                if response.status_code >= 400:
                    raise ApiError(status_code=response.status_code, body=response.text)
                addresses += [f"/data/{self._client.files.get(key).file}" for key in response.json()["file_upload_ids"]]
        return addresses

    def add(self, project: int, tasks: Sequence[dict[str, Any]]) -> None:
        """Add tasks with their predictions to a project."""
        with _spoken(self.address):
            self._client.projects.import_tasks(project, request=cast(Any, list(tasks)))

    def changed(self, project: int, since: str) -> list[Task]:
        """The first PAGE annotated tasks of a project that changed at a moment of the server or later, the earliest change first.

        Paging goes by that moment and not by page number: a task that changes meanwhile moves to the end, and nothing is passed over.
        """
        later = [{"filter": "filter:tasks:updated_at", "operator": "greater_or_equal", "type": "Datetime", "value": since}] if since else []
        query = json.dumps({"filters": {"conjunction": "and", "items": later}, "ordering": ["tasks:updated_at"]})
        with _spoken(self.address):
            page = self._client.tasks.list(project=project, fields="all", query=query, only_annotated=True, page=1, page_size=PAGE).items
            return [self._task(task) for task in page or [] if "wb_id" in task.data]

    def _task(self, task: Any) -> Task:
        # The SDK parses moments for some kinds of users, and leaves them as text for others.
        moment = datetime.fromisoformat(task.updated_at) if isinstance(task.updated_at, str) else task.updated_at
        return Task(
            str(task.data["wb_id"]), moment.astimezone(UTC).strftime(MOMENT), [self._annotation(row) for row in task.annotations or []]
        )

    def _annotation(self, row: dict[str, Any]) -> Annotation:
        author = row["completed_by"]
        return Annotation(
            id=row["id"],
            updated_at=row["updated_at"],
            created_at=row["created_at"],
            author=self._person(author),
            author_id=author,
            seconds=row["lead_time"],
            is_skipped=row["was_cancelled"],
            results=row["result"],
        )

    def _person(self, user: int) -> str:
        if user not in self._people:
            self._people = {person.id: person.email for person in self._client.users.list()}
        return self._people.get(user, f"user {user}")


@contextmanager
def _spoken(address: str) -> Iterator[None]:
    """Turn what a server refuses, or its silence, into a sentence."""
    try:
        yield
    except httpx.TransportError as error:
        raise MissingPartError(f"No Label Studio answers at {address} ({error}); start it, or correct LABEL_STUDIO_URL.") from None
    except ApiError as error:
        known: dict[int | None, Callable[[], WorkbenchError]] = {
            401: lambda: MissingPartError(f"{address} does not know this token; put one of Account & Settings into LABEL_STUDIO_API_KEY."),
            403: lambda: MissingPartError(f"This token may not do that at {address}; use one of a person who may."),
            404: lambda: NotFoundError(f"{address} has no such project; push again to make it anew."),
        }
        other = WorkbenchError(f"{address} refused ({error.status_code}): {str(error.body)[:400]}")
        raise known.get(error.status_code, lambda: other)() from None
