"""Folders, archives and URLs are read by name; nothing leads outside, nothing explodes."""

import io
import os
import tarfile
import uuid
import zipfile

import fsspec
import pytest

from workbench.errors import InvalidInputError, NotFoundError, UnreadableFileError
from workbench.importing import archives
from workbench.importing.archives import open_tree

FILES = {"a.png": b"first", "sub/b.png": b"second", "sub/deep/c.txt": b"third"}


def as_folder(folder):
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def as_zip(folder):
    path = folder / "files.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("sub")
        for name, content in FILES.items():
            archive.writestr(name, content)
    return path


def add(archive, name, content, **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    archive.addfile(info, io.BytesIO(content))


def as_tar(folder, suffix=".tar"):
    path = folder / f"files{suffix}"
    with tarfile.open(path, {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.xz": "w:xz", ".tar.bz2": "w:bz2"}[suffix]) as archive:
        for name, content in FILES.items():
            add(archive, name, content)
    return path


def as_url(folder):
    filesystem = fsspec.filesystem("memory")
    root = f"/{uuid.uuid4().hex}"
    for name, content in FILES.items():
        filesystem.pipe_file(f"{root}/{name}", content)
    return f"memory:/{root}"


def as_zip_url(folder):
    address = f"/{uuid.uuid4().hex}/files.zip"
    fsspec.filesystem("memory").pipe_file(address, as_zip(folder).read_bytes())
    return f"memory:/{address}"


PLACES = [as_folder, as_zip, as_tar, as_url, as_zip_url]
PLACES += [lambda folder, suffix=suffix: as_tar(folder, suffix) for suffix in (".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")]


@pytest.mark.parametrize("place", PLACES)
def test_every_place_lists_and_reads_its_files(place, tmp_path):
    tree = open_tree(place(tmp_path))
    assert {name: tree.read(name) for name in tree.names()} == FILES


@pytest.mark.parametrize("place", PLACES)
def test_files_are_read_in_any_order_and_again(place, tmp_path):
    tree = open_tree(place(tmp_path))
    for name in [*reversed(list(tree.names())), "a.png"]:
        assert tree.read(name) == FILES[name]


def test_a_single_file_is_a_tree_of_one(tmp_path):
    tree = open_tree(as_folder(tmp_path) / "a.png")
    assert [(name, tree.read(name)) for name in tree.names()] == [("a.png", b"first")]


def test_hidden_files_and_clutter_are_left_out(tmp_path):
    folder = as_folder(tmp_path / "files")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "d.png").write_bytes(b"x")
    assert list(open_tree(folder).names()) == list(FILES)
    with zipfile.ZipFile(tmp_path / "mac.zip", "w") as archive:
        archive.writestr("a.png", b"x")
        archive.writestr("__MACOSX/._a.png", b"x")
    assert list(open_tree(tmp_path / "mac.zip").names()) == ["a.png"]


def test_a_folder_that_links_to_itself_ends(tmp_path):
    folder = as_folder(tmp_path / "files")
    os.symlink(folder, folder / "again")
    assert list(open_tree(folder).names()) == list(FILES)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="nowhere"):
        open_tree(tmp_path / "nowhere")
    with pytest.raises(NotFoundError, match="nowhere"):
        open_tree("memory://nowhere/at/all")
    with pytest.raises(InvalidInputError, match="nosuch"):
        open_tree("nosuch://bucket")


@pytest.mark.parametrize("name", ["../outside.png", "/etc/outside.png", "sub/../../outside.png", "..\\outside.png", "C:\\outside.png"])
def test_a_path_that_leads_outside_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(name, b"x")
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        add(archive, name, b"x")
    for path in ("bad.zip", "bad.tar"):
        tree = open_tree(tmp_path / path)
        for member in tree.names():
            with pytest.raises(UnreadableFileError, match="outside"):
                tree.read(member)
    with pytest.raises(UnreadableFileError, match="outside"):
        open_tree(tmp_path).read(name)


def test_links_and_devices_of_a_tar_are_refused(tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        add(archive, "link.png", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(archive, "hard.png", b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")
        add(archive, "pipe.png", b"", type=tarfile.FIFOTYPE)
        add(archive, "good.png", b"x")
    tree = open_tree(tmp_path / "bad.tar")
    for name in ("link.png", "hard.png", "pipe.png"):
        with pytest.raises(UnreadableFileError, match="link or a device"):
            tree.read(name)
    assert tree.read("good.png") == b"x"


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_bomb_is_refused(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(archives, "FREE_BYTES", 1 << 20)
    path = tmp_path / f"bomb.{kind}"
    zeros = bytes(1 << 22)
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("zeros.png", zeros)
    else:
        with tarfile.open(path, "w:gz") as archive:
            add(archive, "zeros.png", zeros)
    with pytest.raises(UnreadableFileError, match="bomb"):
        open_tree(path)


@pytest.mark.parametrize("place", [as_folder, as_zip, as_tar, as_url])
def test_a_file_beyond_the_limit_is_refused_before_it_is_read(place, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILE_BYTES", 5)
    tree = open_tree(place(tmp_path))
    assert tree.read("a.png") == b"first"
    with pytest.raises(UnreadableFileError, match="at most 5"):
        tree.read("sub/b.png")


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz"])
def test_a_truncated_archive_is_refused_or_its_last_file_is(tmp_path, suffix):
    whole = as_zip(tmp_path) if suffix == ".zip" else as_tar(tmp_path, suffix)
    content = whole.read_bytes()
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(content[:520] if suffix == ".tar" else content[: len(content) // 2])
    with pytest.raises(UnreadableFileError, match=r"broken|cut short|ends in the middle"):  # noqa: PT012  (either may notice)
        tree = open_tree(cut)
        for member in tree.names():
            tree.read(member)


def test_what_is_no_archive_is_refused(tmp_path):
    for name in ("text.zip", "text.tar", "text.tar.gz"):
        (tmp_path / name).write_text("no archive at all")
        with pytest.raises(UnreadableFileError, match=name):
            open_tree(tmp_path / name)


def test_a_damaged_file_of_a_zip_is_refused(tmp_path):
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", b"0123456789" * 10)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="broken in its archive"):
        open_tree(path).read("a.png")


def test_an_unreadable_file_says_why(tmp_path):
    tree = open_tree(as_folder(tmp_path))
    (tmp_path / "a.png").unlink()
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        tree.read("a.png")
