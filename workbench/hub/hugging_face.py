"""The hub of Hugging Face, or one at `HF_ENDPOINT` that speaks as it does: repositories, commits, tags, snapshots.

Files go in several commits, those that are there already left out, so a push that was cut short goes on where it stood. The tag comes last:
what it names is whole.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workbench.errors import ConflictError, MissingPartError, NotAllowedError, NotFoundError
from workbench.hub.contents import Contents, Kind, Sent, SentFile
from workbench.hub.places import HubPlace
from workbench.store.downloads import sha256_of

COMMIT_FILES, COMMIT_BYTES = 200, 1 << 30
"""A commit is made of this many files or bytes, whichever comes first."""
BY_GIT = ".gitattributes"

Progress = Callable[[int, int], object]
"""Called with bytes done and bytes in all."""


def client() -> Any:
    """The hub's client; raises MissingPartError where its library is not installed."""
    try:
        from huggingface_hub import HfApi  # only here: hubs are rarely needed
    except ModuleNotFoundError:
        raise MissingPartError("huggingface_hub is not installed here; pip install 'lcad-workbench[hub]'.") from None
    return HfApi(endpoint=endpoint())


def endpoint() -> str:
    """The address of the hub: `$HF_ENDPOINT`, by default https://huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def push(place: HubPlace, contents: Contents, *, public: bool, progress: Progress) -> Sent:
    """Send what is not there yet, take away what is of an earlier version, and set the tag. Raises as `reaching` does.

    Raises ConflictError where the tag names something else already.
    """
    api, options = client(), {"repo_id": place.repository, "repo_type": contents.kind}
    with reaching(place):
        api.create_repo(**options, private=not public, exist_ok=True)
        present = _present(api, place, contents.kind)
        missing = [file for file in contents.files if not _same(file, present.get(file.name))]
        _refuse_another(api, place, contents, missing)
        done = sum(file.size for file in contents.files) - sum(file.size for file in missing)
        title = f"{contents.name} {contents.version}"
        for part in _parts(missing):
            _commit(api, options, title, part, [])
            done += sum(file.size for file in part)
            progress(done, contents.size)
        left = sorted(set(present) - {file.name for file in contents.files} - {BY_GIT})
        if left:
            _commit(api, options, f"{title}: without files of an earlier version", [], left)
        api.create_tag(**options, tag=contents.version, exist_ok=True)
    return Sent(f"{place}@{contents.version}", len(missing), len(contents.files) - len(missing), sum(file.size for file in missing))


def unsent(place: HubPlace, contents: Contents) -> list[SentFile]:
    """The files that a push would send; all of them where the repository is not there yet. Raises as `reaching` does."""
    with reaching(place):
        present = _present(client(), place, contents.kind)
    return [file for file in contents.files if not _same(file, present.get(file.name))]


def listed(place: HubPlace, kind: Kind) -> dict[str, int]:
    """The files of a repository with their bytes. Raises as `reaching` does."""
    with reaching(place):
        return {name: file.size for name, file in _files(client(), place, kind).items() if name != BY_GIT}


def fetch(place: HubPlace, kind: Kind, folder: Path) -> Path:
    """All files of a repository's revision, below a folder; what has come already is not fetched again. Raises as `reaching` does."""
    with reaching(place):
        client().snapshot_download(place.repository, repo_type=kind, revision=place.revision, local_dir=folder)
    return folder


def _present(api: Any, place: HubPlace, kind: Kind) -> dict[str, Any]:
    """What lies in the main branch; nothing where there is no such repository or it is empty."""
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        return _files(api, HubPlace(place.repository), kind)
    except (RepositoryNotFoundError, RevisionNotFoundError, EntryNotFoundError):
        return {}


def _files(api: Any, place: HubPlace, kind: Kind) -> dict[str, Any]:
    listing = api.list_repo_tree(place.repository, repo_type=kind, revision=place.revision, recursive=True)
    return {file.path: file for file in listing if hasattr(file, "blob_id")}


def _same(file: SentFile, present: Any) -> bool:
    """Whether a file lies in the repository with these very bytes."""
    if present is None or present.size != file.size:
        return False
    if present.lfs is not None:
        return present.lfs.sha256 == sha256_of(file.path)
    content = file.path.read_bytes()
    return present.blob_id == hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _refuse_another(api: Any, place: HubPlace, contents: Contents, missing: Sequence[SentFile]) -> None:
    """Raise ConflictError where the version's tag is there and the repository's files are not these."""
    tags = [tag.name for tag in api.list_repo_refs(place.repository, repo_type=contents.kind).tags]
    if contents.version in tags and missing:
        raise ConflictError(
            f"{place} has a tag {contents.version} already, and its files are not those of {contents.name} {contents.version}: another one "
            "was pushed there, or a later one. Push to another repository, or a new version."
        )


def _parts(files: Sequence[SentFile]) -> Iterator[list[SentFile]]:
    part: list[SentFile] = []
    for file in files:
        if part and (len(part) == COMMIT_FILES or sum(one.size for one in part) + file.size > COMMIT_BYTES):
            yield part
            part = []
        part.append(file)
    if part:
        yield part


def _commit(api: Any, options: dict[str, Any], title: str, files: Sequence[SentFile], left: Sequence[str]) -> None:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    operations = [CommitOperationAdd(file.name, str(file.path)) for file in files] + [CommitOperationDelete(name) for name in left]
    api.create_commit(**options, operations=operations, commit_message=title)


@contextmanager
def reaching(place: HubPlace) -> Iterator[None]:
    """Tell what keeps the hub from answering in a sentence.

    Raises NotAllowedError where it wants a token, NotFoundError for an unknown repository or revision, MissingPartError where it cannot be
    reached, which says what else can be done.
    """
    from huggingface_hub import errors

    try:
        yield
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        if getattr(error.response, "status_code", 404) in (401, 403):
            raise NotAllowedError(_wants_token(place)) from None
        raise NotFoundError(f"There is no {place} at {endpoint()}, or your token may not see it.") from None
    except errors.LocalEntryNotFoundError as error:
        raise MissingPartError(_unreachable(error.__cause__ or error)) from None
    except errors.OfflineModeIsEnabled:
        raise MissingPartError(_unreachable("HF_HUB_OFFLINE is set")) from None
    except errors.HfHubHTTPError as error:
        if getattr(error.response, "status_code", 0) in (401, 403):
            raise NotAllowedError(_wants_token(place)) from None
        raise MissingPartError(f"{endpoint()} refused: {_first_line(error)}. What was sent stays; the same command goes on.") from None
    except (errors.HTTPError, OSError) as error:
        raise MissingPartError(_unreachable(error)) from None
    except ValueError as error:
        raise MissingPartError(f"{endpoint()} answered what a hub does not say: {_first_line(error)}. Check HF_ENDPOINT.") from None


def _wants_token(place: HubPlace) -> str:
    return (
        f"{endpoint()} does not let you do that to {place}; log in with `hf auth login`, or set HF_TOKEN to a token that may write there."
    )


def _unreachable(error: object) -> str:
    return (
        f"The hub {endpoint()} cannot be reached: {_first_line(error)}. Set HF_ENDPOINT where a mirror answers, or go by a folder: "
        "push with --to DIR, carry it over, and import DIR."
    )


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:300]
