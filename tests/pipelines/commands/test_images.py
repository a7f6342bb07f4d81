"""Images from the command line: listed, deleted with what hangs on them, brought back."""

import pytest

from workbench import images


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
