"""Checkpoints are known by their content; the promoted one colorizes."""

from types import SimpleNamespace

import pytest

from tests.stores import insert_checkpoint
from workbench.colorizations import checkpoints
from workbench.errors import ConflictError, InvalidInputError, MissingPartError, NotFoundError
from workbench.store import events


def folder_with(root, **files):
    for name, content in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def test_the_digest_covers_names_and_bytes_but_neither_readme_nor_dot_files(tmp_path):
    one = folder_with(tmp_path / "one", **{"unet__model.safetensors": "w", "config.json": "{}"})
    digest = checkpoints.folder_digest(one)
    assert len(digest) == 64
    folder_with(one, **{"README.md": "a card", ".cache__x": "y"})
    assert checkpoints.folder_digest(one) == digest
    moved = folder_with(tmp_path / "two", **{"vae__model.safetensors": "w", "config.json": "{}"})
    changed = folder_with(tmp_path / "three", **{"unet__model.safetensors": "v", "config.json": "{}"})
    shifted = folder_with(tmp_path / "four", **{"unet__model.safetensorsw": "", "config.json": "{}"})
    assert len({digest, *map(checkpoints.folder_digest, (moved, changed, shifted))}) == 4


def test_a_folder_without_weights_is_no_checkpoint(tmp_path):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InvalidInputError, match="no checkpoint"):
            checkpoints.folder_digest(folder)


def test_the_same_weights_are_one_checkpoint_and_a_name_belongs_to_one(session):
    parent = insert_checkpoint(session, "parent")
    row = checkpoints.register(session, name="child", location="/x", digest="c" * 64, parent_id=parent.id, facts={"steps": 3})
    assert checkpoints.register(session, name="again", location="/y", digest="c" * 64) is row
    assert checkpoints.by_name(session, "child").facts == {"steps": 3}
    with pytest.raises(ConflictError, match='"child" belongs to other weights'):
        checkpoints.register(session, name="child", location="/z", digest="d" * 64)
    with pytest.raises(InvalidInputError, match="needs a name"):
        checkpoints.register(session, name=" ", location="/z", digest="d" * 64)
    assert [event.action for event in events.history(session, "checkpoint", row.id)] == ["create"]


def test_the_last_promoted_is_the_default_and_else_the_embedded_one(session):
    with pytest.raises(NotFoundError, match="no checkpoint yet"):
        checkpoints.default(session)
    mini = checkpoints.register(session, name="mini", location=checkpoints.MINI_LOCATION, digest="a" * 64)
    first, second = insert_checkpoint(session, "first"), insert_checkpoint(session, "second")
    assert checkpoints.default(session) is mini
    checkpoints.promote(session, second.id, actor="ada")
    checkpoints.promote(session, first.id, actor="ada")
    assert checkpoints.default(session) is first
    assert [row.name for row in checkpoints.listing(session)] == ["second", "first", "mini"]
    assert events.history(session, "checkpoint", first.id)[-1].actor == "ada"


def test_unknown_checkpoints_are_named_with_those_that_are_there(session):
    insert_checkpoint(session, "first")
    with pytest.raises(NotFoundError, match='"second"; there are: first'):
        checkpoints.by_name(session, "second")
    with pytest.raises(NotFoundError):
        checkpoints.promote(session, 99, actor="ada")


@pytest.fixture
def embedded(tmp_path, monkeypatch):
    """An installed package whose embedded checkpoint the test writes."""
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(checkpoints.importlib.util, "find_spec", lambda name: package if name == "lcad" else None)
    return tmp_path / "checkpoints" / "mini"


def test_the_embedded_checkpoint_is_entered_once_and_a_newer_one_beside_it(session, embedded):
    folder_with(embedded, **{"unet__model.safetensors": "w"})
    mini = checkpoints.ensure_mini(session)
    assert (mini.name, mini.location, mini.digest) == ("mini", "embedded:mini", checkpoints.folder_digest(embedded))
    assert checkpoints.ensure_mini(session) is mini
    folder_with(embedded, **{"unet__model.safetensors": "better"})
    newer = checkpoints.ensure_mini(session)
    assert newer.name == f"mini-{newer.digest[:8]}"
    assert checkpoints.default(session) is newer


def test_a_package_without_weights_is_a_missing_part(session, embedded):
    with pytest.raises(MissingPartError, match="no weights"):
        checkpoints.ensure_mini(session)


def test_mini_is_the_embedded_checkpoint_as_it_is_installed(session, embedded):
    folder_with(embedded, **{"unet__model.safetensors": "w"})
    older = checkpoints.named(session, "mini")
    folder_with(embedded, **{"unet__model.safetensors": "better"})
    newer = checkpoints.named(session, "mini")
    assert (older.digest != newer.digest, newer.digest) == (True, checkpoints.folder_digest(embedded))
    assert checkpoints.named(session, older.name).digest == newer.digest
    assert checkpoints.named(session, newer.name) is newer
    with pytest.raises(NotFoundError):
        checkpoints.named(session, "nobody")
