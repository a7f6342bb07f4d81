"""`workbench views`: queries kept under a name; `--query "$(workbench views show NAME)"` uses one in any command."""

from typing import Annotated

import typer

from db.models import SavedView
from pipelines.commands.console import AsJson, Home, emit, store_at, table, tell
from workbench import captions, images
from workbench.search import Count, saved_views

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="The view's name.")]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All views, with the images and captions that each finds now."""
    with store_at(home) as store, store.reading() as session:
        rows = [(view, images.count(session, view.query), captions.count(session, view.query)) for view in saved_views.listing(session)]
    if as_json:
        emit([_facts(view) | {"images": number, "captions": described} for view, number, described in rows])
    else:
        table(("name", "query", "images", "captions"), [(view.name, view.query, _shown(a), _shown(b)) for view, a, b in rows])


@app.command()
def show(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """The query of a view."""
    with store_at(home) as store, store.reading() as session:
        view = saved_views.get(session, name)
    tell(_facts(view), view.query, as_json)


@app.command()
def save(
    name: Name,
    query: Annotated[str, typer.Argument(help='A query, e.g. "level:complete color:red".')],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep a query under a name; a view of that name takes the new query."""
    with store_at(home) as store, store.writing() as session:
        view = saved_views.save(session, name, query, actor=store.settings.actor)
    tell(_facts(view), f'"{view.name}" is kept.', as_json)


@app.command()
def remove(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Forget a view."""
    with store_at(home) as store, store.writing() as session:
        saved_views.remove(session, name, actor=store.settings.actor)
    tell({"removed": name}, f'"{name}" is forgotten.', as_json)


def _shown(number: Count) -> str:
    return f"more than {number}" if number.more else str(number)


def _facts(view: SavedView) -> dict[str, object]:
    return {"name": view.name, "query": view.query, "author": view.author, "created_at": view.created_at}
