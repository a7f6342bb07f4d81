"""Saved views from the command line."""


def test_views_are_saved_listed_shown_and_removed(workbench, store):
    home = ("--home", store.settings.home)
    assert workbench("views", "save", "cups", "object:cup color:red", *home).output == '"cups" is kept.\n'
    [view] = workbench("views", "list", "--json", *home).json
    assert (view["name"], view["query"], view["images"], view["captions"]) == ("cups", "object:cup color:red", 0, 0)
    assert workbench("views", "show", "cups", *home).output == "object:cup color:red\n"
    assert workbench("views", "remove", "cups", "--json", *home).json == {"removed": "cups"}
    assert workbench("views", "list", "--json", *home).json == []


def test_a_query_that_cannot_be_read_is_not_kept(workbench, store):
    answer = workbench("views", "save", "bad", "level:foo", "--home", store.settings.home)
    assert (answer.status, "no level" in answer.messages) == (1, True)
    assert workbench("views", "show", "bad", "--home", store.settings.home).status == 1
