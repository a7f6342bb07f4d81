"""`workbench studies raters`, `exclude`, `revoke`, `renew`, `forget`: the people of a study."""

from typing import Annotated

import typer

from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell
from pipelines.commands.studies import Name, app
from workbench import studies
from workbench.rating import rater_session
from workbench.studies import endings, person_data, raters, recruitment

Pseudonym = Annotated[str, typer.Argument(metavar="RATER", help="Pseudonym, as `studies raters` lists it.")]


@app.command("raters")
def list_(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Everybody who came: answers, how their part ended and the code for it, screening, exclusion."""
    with store_at(home) as store, store.reading() as session:
        study_id = studies.by_name(session, name).id
        answered, names = rater_session.answered(session, study_id), recruitment.names(session, study_id)
        rows = [
            {
                "rater": rater.pseudonym,
                "cohort": row.cohort,
                "simulated": rater.simulated,
                "answers": answered.get(rater.id, 0),
                "consented": row.consented_at is not None,
                "finished": row.finished_at is not None,
                "outcome": row.outcome.value if row.outcome else "",
                "code": endings.code_of(session, row),
                "participant": names.get(row.id, ""),
                "revoked": row.revoked_at is not None,
                "excluded": row.exclusion_reason or "",
                "screening": row.screening,
            }
            for row, rater in raters.invitations(session, study_id)
        ]
    if as_json:
        emit(rows)
    elif rows:
        table(tuple(rows[0]), [tuple(_told(value) for value in row.values()) for row in rows])


def _told(value: object) -> object:
    if isinstance(value, dict):
        return ", ".join(f"{test} {'passed' if outcome['passed'] else 'failed'}" for test, outcome in value.items())
    return {True: "yes", False: ""}.get(value, value) if isinstance(value, bool) else value


@app.command()
def exclude(
    name: Name, rater: Pseudonym, reason: Annotated[str, typer.Option(help="Why; the report says it.")], home: Home = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Leave a rater's votes out of the results; the votes stay in the store, and are asked of others."""
    with store_at(home) as store, store.writing() as session:
        study_id = studies.by_name(session, name).id
        rater_id = raters.invitation_of(session, study_id, rater).rater_id
        raters.exclude(session, study_id, rater_id, reason, actor=store.settings.actor)
    tell({"rater": rater, "excluded": reason}, f"{rater} is excluded: {reason}", as_json)


@app.command()
def revoke(name: Name, rater: Pseudonym, home: Home = None, as_json: AsJson = False) -> None:
    """Make a rater's link useless; the votes given through it stay."""
    with store_at(home) as store, store.writing() as session:
        raters.revoke(session, _invitation(session, name, rater), actor=store.settings.actor)
    tell({"rater": rater, "revoked": True}, f"The link of {rater} opens nothing any more.", as_json)


@app.command()
def renew(name: Name, rater: Pseudonym, home: Home = None, as_json: AsJson = False) -> None:
    """A new link for a rater who lost theirs; the old one ends."""
    with store_at(home) as store, store.writing() as session:
        token = raters.renew(session, _invitation(session, name, rater), actor=store.settings.actor)
    say("The link is the app's address with /r/TOKEN; only the token's hash is stored.")
    tell({"rater": rater, "token": token}, token, as_json)


@app.command()
def forget(
    name: Name,
    rater: Pseudonym,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be taken back.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Delete everything that is stored of a person, on their request, in all studies, and the bytes of it in the database's files."""
    if not yes:
        typer.confirm(f"Delete everything of {rater} for good?", abort=True, err=True)
    with store_at(home) as store:
        with store.writing() as session:
            rater_id = raters.invitation_of(session, studies.by_name(session, name).id, rater).rater_id
            votes = person_data.forget(session, rater_id, actor=store.settings.actor)
        person_data.clear_free_pages(store.engines.writer)
    tell({"rater": rater, "votes_deleted": votes}, f"{rater} is forgotten, with {votes} votes.", as_json)


def _invitation(session, name: str, rater: str) -> int:
    return raters.invitation_of(session, studies.by_name(session, name).id, rater).id
