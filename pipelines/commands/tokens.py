"""`workbench tokens`: who may read the store over HTTP."""

from typing import Annotated, Any

import typer

from db.models import ApiToken
from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell
from workbench.http_api import tokens

app = typer.Typer()

Name = Annotated[str, typer.Argument(help="Name of the token, such as that of the program that uses it.")]


def facts(row: ApiToken) -> dict[str, Any]:
    """A token as a JSON object; its text is not stored."""
    return {name: getattr(row, name) for name in ("name", "author", "created_at", "expires_at", "revoked_at")}


@app.command()
def create(
    name: Name,
    days: Annotated[int | None, typer.Option(min=1, help="How long it is valid; by default until it is revoked.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """A new token, shown this once: only its hash is stored."""
    with store_at(home) as store, store.writing() as session:
        row, token = tokens.create(session, name, author=store.settings.actor, days=days)
    tell({**facts(row), "token": token}, token, as_json)
    if not as_json:
        say("Keep it now: it is not shown again. Programs send it as `Authorization: Bearer TOKEN`.")


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """All tokens, the revoked ones too."""
    with store_at(home) as store, store.reading() as session:
        rows = [facts(row) for row in tokens.listing(session)]
    if as_json:
        emit(rows)
    else:
        table(("name", "by", "made", "valid until", "revoked"), [[_day(value) for value in row.values()] for row in rows])


def _day(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value.date())


@app.command()
def revoke(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """End a token now."""
    with store_at(home) as store, store.writing() as session:
        row = tokens.revoke(session, name, actor=store.settings.actor)
    tell(facts(row), f'The token "{row.name}" opens nothing any more.', as_json)
