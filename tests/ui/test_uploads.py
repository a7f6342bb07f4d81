"""What is uploaded together is kept together: different files of one name both, the same file once, every caption file."""

import io
from types import SimpleNamespace

import pytest

from tests.pictures import png
from workbench.ui.library import import_form


class Upload(io.BytesIO):
    """A file as the browser sends it."""

    def __init__(self, name: str, content: bytes):
        super().__init__(content)
        self.name = name


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Upload files together: kept(("a.png", b"…"), …) -> the folder of pictures, and the places of caption files."""
    monkeypatch.setattr(import_form.context, "settings", lambda: SimpleNamespace(home=tmp_path))
    return lambda *files: import_form._kept([Upload(*file) for file in files])


def test_different_pictures_of_one_name_are_both_kept_and_the_same_one_once(kept):
    folder, captions = kept(("a.png", png(1)), ("a.png", png(2)), ("a.png", png(1)), ("b.png", png(1)))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.png": png(1), "a (2).png": png(2), "b.png": png(1)}
    assert captions == []


def test_every_caption_file_counts_and_lies_apart_from_the_pictures(kept):
    folder, captions = kept(("a.png", png(1)), ("c.csv", b"one"), ("c.csv", b"two"), ("c.csv", b"one"), ("d.jsonl", b"three"))
    assert [path.name for path in folder.iterdir()] == ["a.png"]
    names = [place.rpartition("/")[2] for place in captions]
    assert names == ["c.csv", "c (2).csv", "d.jsonl"]


def test_a_name_that_leads_elsewhere_stays_in_the_folder(kept, tmp_path):
    folder, _ = kept(("../../a.png", png(1)))
    assert [path.name for path in folder.iterdir()] == ["a.png"]
    assert list(tmp_path.rglob("*.png")) == [folder / "a.png"]
