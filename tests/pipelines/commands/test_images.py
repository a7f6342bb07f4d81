"""Images from the command line: listed, deleted with what hangs on them, brought back."""

import numpy as np
import pytest

from workbench import images
from workbench.images import crops, features


@pytest.mark.slow
def test_images_are_counted_first_deleted_when_asked_and_brought_back(workbench, store, library):
    ids = library(2)
    home = ("--home", store.settings.home)
    assert len(workbench("images", "list", "--json", *home).json) == 2
    assert "1 image would be deleted" in workbench("images", "delete", f"id:{ids[0]}", *home).messages
    done = workbench("images", "delete", f"id:{ids[0]}", "--apply", "--json", *home).json
    assert done["deleted"] == 1
    with store.reading() as session:
        assert images.ids(session) == ids[1:]
    workbench("images", "undo", done["batch"], *home)
    with store.reading() as session:
        assert sorted(images.ids(session)) == sorted(ids)


def test_an_empty_query_deletes_nothing(workbench, store, library):
    library(1)
    answer = workbench("images", "delete", "", "--apply", "--home", store.settings.home)
    assert (answer.status, "Say by a query" in answer.messages) == (1, True)


def test_a_path_that_is_not_there_is_said_at_once_and_nothing_is_queued(workbench, store, tmp_path):
    home = ("--home", store.settings.home)
    answer = workbench("import", str(tmp_path / "nowhere"), *home)
    assert (answer.status, f"There is no file or folder {tmp_path / 'nowhere'}" in answer.messages) == (1, True)
    assert workbench("runs", "list", "--json", *home).json == []


@pytest.mark.slow
def test_credits_are_counted_first_set_when_asked_read_from_a_manifest_and_taken_back(workbench, store, library, tmp_path):
    home = ("--home", store.settings.home)
    ids = library(2)

    def authors():
        return [row["author"] for row in workbench("images", "list", "--json", *home).json]

    assert "2 images would be credited" in workbench("images", "credit", "", "--author", "Ada", *home).messages
    assert authors() == [None, None]
    made = workbench("images", "credit", f"id:{ids[0]}", "--author", "Ada", "--license", "CC0", "--apply", "--json", *home).json
    assert (made["changed"], authors()) == (1, ["Ada", None])
    place = tmp_path / "sources.csv"
    place.write_text("file,author\n1.png,Bo\ngone.png,Cy\n")
    done = workbench("images", "manifest", place, "--json", *home)
    assert (done.json["changed"], authors()) == (1, ["Ada", "Bo"])
    assert "gone.png" in done.messages
    for batch in (done.json["batch"], made["batch"]):
        workbench("images", "undo", batch, *home)
    assert authors() == [None, None]


@pytest.mark.slow
def test_the_images_most_like_one_and_groups_of_duplicates_are_listed(workbench, store, library):
    home = ("--home", store.settings.home)
    ids = library(3)
    with store.writing() as session:
        features.keep(session, {key: np.array([1.0, number]) / np.hypot(1.0, number) for number, key in enumerate(ids)}, "test")
        crops.record(session, [crops.Pair(ids[0], ids[2])], actor="tester")
    assert [row["id"] for row in workbench("images", "like", ids[0], "--json", *home).json] == ids[1:]
    assert ids[0] in workbench("images", "duplicates", "--json", *home).json[0]
