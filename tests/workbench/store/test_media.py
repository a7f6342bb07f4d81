"""Files are addressed by content and written whole or not at all."""

import hashlib
import os
import uuid

import pytest

from workbench.errors import InvalidInputError, NotFoundError
from workbench.store import MediaStore

CONTENT = b"a picture's bytes"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["local", "memory", pytest.param("s3", marks=pytest.mark.slow)])
def store(request, tmp_path):
    if request.param == "s3":
        return MediaStore(request.getfixturevalue("s3_url"))
    return MediaStore(str(tmp_path / "media") if request.param == "local" else f"memory://{uuid.uuid4().hex}")


def test_a_key_is_the_hash_of_the_content_under_its_first_two_digits(store):
    assert store.put(CONTENT, ".png") == f"{DIGEST[:2]}/{DIGEST}.png"


def test_what_was_put_is_read_back(store):
    key = store.put(CONTENT, ".png")
    assert store.read(key) == CONTENT
    assert store.exists(key)
    with store.open(key) as source:
        assert source.read(4) == CONTENT[:4]


def test_a_file_is_stored_like_its_bytes(store, tmp_path):
    path = tmp_path / "source.bin"
    path.write_bytes(CONTENT)
    assert store.put_file(path, ".png") == store.put(CONTENT, ".png")
    assert store.read(store.put_file(path, ".png")) == CONTENT


def test_a_missing_key_is_named(store):
    key = f"{DIGEST[:2]}/{DIGEST}.png"
    assert not store.exists(key)
    assert not store.verify(key)
    with pytest.raises(NotFoundError, match=DIGEST):
        store.read(key)


@pytest.mark.parametrize("key", ["../../secret", "ab/../../x.png", f"{DIGEST[:2]}/{DIGEST}", f"zz/{DIGEST}.png", "", "/" + DIGEST])
def test_a_key_cannot_leave_the_store(store, key):
    with pytest.raises(InvalidInputError):
        store.read(key)


@pytest.mark.parametrize("suffix", ["png", ".PNG", "./x", "", ".tar.gz"])
def test_an_odd_suffix_is_refused(store, suffix):
    with pytest.raises(InvalidInputError):
        store.put(CONTENT, suffix)


def test_the_same_content_twice_is_one_file_that_is_not_written_again(tmp_path):
    store = MediaStore(str(tmp_path))
    key = store.put(CONTENT, ".png")
    before = store.path(key).stat().st_ino
    assert store.put(CONTENT, ".png") == key
    assert store.path(key).stat().st_ino == before
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{DIGEST}.png"]


def test_one_flipped_byte_is_noticed(tmp_path):
    store = MediaStore(str(tmp_path))
    key = store.put(CONTENT, ".png")
    assert store.verify(key)
    store.path(key).write_bytes(b"A" + CONTENT[1:])
    assert not store.verify(key)


def test_a_truncated_file_is_written_anew(tmp_path):
    store = MediaStore(str(tmp_path))
    key = store.put(CONTENT, ".png")
    store.path(key).write_bytes(CONTENT[:3])
    store.put(CONTENT, ".png")
    assert store.verify(key)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    store = MediaStore(str(tmp_path))

    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        store.put(CONTENT, ".png")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_only_a_local_store_has_paths(tmp_path):
    memory = MediaStore(f"memory://{uuid.uuid4().hex}")
    assert memory.path(memory.put(CONTENT, ".png")) is None
    local = MediaStore(str(tmp_path))
    assert local.path(local.put(CONTENT, ".png")).read_bytes() == CONTENT


def test_a_filesystem_without_atomic_uploads_gets_a_rename(monkeypatch):
    monkeypatch.setattr("workbench.store.media.ONE_PUT", frozenset())
    store = MediaStore(f"memory://{uuid.uuid4().hex}")
    key = store.put(CONTENT, ".png")
    assert store.verify(key)
    assert [path for path in store._filesystem.find(store._root) if "incoming" in path] == []


def test_an_upload_that_fails_half_way_leaves_no_object(monkeypatch):
    monkeypatch.setattr("workbench.store.media.ONE_PUT", frozenset())
    store = MediaStore(f"memory://{uuid.uuid4().hex}")
    pipe = store._filesystem.pipe_file

    def half(address, content):
        pipe(address, content[:5])
        raise OSError("connection lost")

    monkeypatch.setattr(store._filesystem, "pipe_file", half)
    with pytest.raises(OSError, match="connection lost"):
        store.put(CONTENT, ".png")
    monkeypatch.undo()
    assert store._filesystem.find(store._root) == []
