"""`workbench label-studio`: tasks to a Label Studio server, annotations back."""

from typing import Annotated

import typer

from db.enums import TaskKind
from pipelines.commands.console import AsJson, Home, Query, Wait, ask, store_at

app = typer.Typer()

Address = Annotated[str | None, typer.Option("--server", help="The server's address; else $LABEL_STUDIO_URL, else http://127.0.0.1:8080.")]
Title = Annotated[str, typer.Option("--project", help="Title of the project on the server.")]


@app.command()
def push(
    kind: Annotated[TaskKind, typer.Argument(metavar="KIND", help="captions, regions, or study.")],
    query: Query = "",
    study: Annotated[str, typer.Option(help="Name of the study, for tasks of that kind.")] = "",
    predicted: Annotated[
        bool, typer.Option("--predicted", help="Show in a study's tasks what adherence expects; raters are then not blind.")
    ] = False,
    server: Address = None,
    project: Title = "",
    wait: Wait = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tasks that are not there yet, with captions and masks as predictions; the token is the worker's $LABEL_STUDIO_API_KEY."""
    chosen = {"kind": kind.value, "query": query, "study": study, "predicted": predicted, "title": project, "server": server}
    with store_at(home) as store:
        ask(store, "sync_label_studio", {"direction": "push", **chosen}, wait=wait, as_json=as_json)


@app.command()
def pull(server: Address = None, project: Title = "", wait: Wait = False, home: Home = None, as_json: AsJson = False) -> None:
    """Annotations that are new or changed, into captions, regions and ratings; those that landed before stay as they are."""
    with store_at(home) as store:
        ask(store, "sync_label_studio", {"direction": "pull", "title": project, "server": server}, wait=wait, as_json=as_json)
