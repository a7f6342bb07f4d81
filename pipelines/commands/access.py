"""`workbench access`: who may do what, where people sign in."""

from typing import Annotated

import typer

from db.enums import Role
from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell
from workbench import access

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="NAME", help="The e-mail by which the identity provider knows somebody.")]
Given = Annotated[Role, typer.Argument(metavar="ROLE", help="; ".join(f"{role.value}: {what}" for role, what in access.MAY.items()))]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """Everybody with a role."""
    with store_at(home) as store, store.reading() as session:
        people = access.listing(session)
    first = access.first_admins()
    if as_json:
        emit([{"name": name, "role": role.value, "by_environment": name in first} for name, role in people.items()])
        return
    table(("name", "role", "may"), [(name, role.value, access.MAY[role]) for name, role in people.items()])
    if not people:
        say(f"Nobody has a role yet. `workbench access grant NAME admin`, or {access.ADMINS_VARIABLE}, makes the first admin.")
    if not access.people_sign_in():
        say(f"Nobody signs in here: set {access.AUTH_VARIABLE}=oidc for the app, and see docs/access.md.")


@app.command()
def grant(name: Name, role: Given, home: Home = None, as_json: AsJson = False) -> None:
    """Give somebody a role, in place of the one that they have."""
    with store_at(home) as store, store.writing() as session:
        person = access.grant(session, name, role, actor=store.settings.actor)
        facts = {"name": person.name, "role": person.role.value}
    tell(facts, f"{facts['name']} is {facts['role']} now and may {access.MAY[role]}.", as_json)


@app.command()
def revoke(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Take somebody's role away, from their next click on."""
    with store_at(home) as store, store.writing() as session:
        access.revoke(session, name, actor=store.settings.actor)
    tell({"name": access.named(name), "role": None}, f"{access.named(name)} has no role any more.", as_json)
