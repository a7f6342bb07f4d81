"""`workbench studies link`, `links`, `revoke-link`, `person`, `check`: strangers by one link, and what is stored of each."""

from datetime import timedelta
from typing import Annotated

import typer

from db.base import now
from pipelines.commands.console import AsJson, Home, emit, say, store_at, table, tell
from pipelines.commands.study_raters import Name, Pseudonym, app
from workbench import studies
from workbench.rating import set_aside
from workbench.studies import person_data, raters, recruitment, rules_of

__all__ = ["app"]


@app.command()
def link(
    name: Name,
    cap: Annotated[int | None, typer.Option(min=1, help="The most participants; by default as the design says.")] = None,
    cohort: Annotated[str, typer.Option(help="The group of all who come by this link.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="How long the link lets people in; by default for ever.")] = None,
    address: Annotated[str, typer.Option(help="The app's address, to print the whole link.")] = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """One link for many: whoever agrees becomes a rater. It is shown this once."""
    expires = now() + timedelta(days=days) if days else None
    with store_at(home) as store, store.writing() as session:
        study = studies.by_name(session, name)
        made, token = recruitment.create_link(
            session, study.id, cohort=cohort, cap=cap, expires_at=expires, actor=store.settings.actor
        )  # fmt: skip
        facts = {"link": made.id, "cap": made.cap, "token": token, "address": recruitment.address_of(rules_of(study), token, address)}
    say("Put the platform's own placeholders in place of the values in capitals, such as {{%PROLIFIC_PID%}} on Prolific.")
    tell(facts, facts["address"], as_json)


@app.command()
def links(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """The recruitment links of a study: who came, who was turned away, who declined."""
    with store_at(home) as store, store.reading() as session:
        study_id = studies.by_name(session, name).id
        came = recruitment.came_by(session, study_id)
        rows = [
            {
                "link": row.id, "cohort": row.cohort, "cap": row.cap, "came": came.get(row.id, 0), "turned_away": row.turned_away,
                "declined": row.declined, "revoked": row.revoked_at is not None,
            }
            for row in recruitment.links(session, study_id)
        ]  # fmt: skip
    if as_json:
        emit(rows)
    elif rows:
        table(tuple(rows[0]), [tuple(row.values()) for row in rows])


@app.command("revoke-link")
def revoke_link(number: Annotated[int, typer.Argument(metavar="LINK")], home: Home = None, as_json: AsJson = False) -> None:
    """Let nobody new in by a link; who has come by it goes on."""
    with store_at(home) as store, store.writing() as session:
        recruitment.revoke_link(session, number, actor=store.settings.actor)
    tell({"link": number, "revoked": True}, f"Link {number} lets nobody new in any more.", as_json)


@app.command()
def person(name: Name, rater: Pseudonym, home: Home = None) -> None:
    """Everything that is stored of a rater, in all studies, as JSON: the answer to a request for access."""
    with store_at(home) as store, store.reading() as session:
        rater_id = raters.invitation_of(session, studies.by_name(session, name).id, rater).rater_id
        emit(person_data.stored_of(session, rater_id))


@app.command()
def check(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Read every picture of a study: trials with a damaged one are set aside, those that are whole again come back."""
    with store_at(home) as store, store.writing() as session:
        study = studies.by_name(session, name)
        checked = set_aside.check_pictures(session, store.media, study, actor=store.settings.actor)
    facts = {"trials": checked.trials, "damaged": checked.damaged, "restored": list(checked.restored)}
    lines = [f"{checked.trials} trials read, {len(checked.damaged)} damaged, {len(checked.restored)} shown again."]
    lines += [f"Trial {position} is set aside: {reason}" for position, reason in checked.damaged.items()]
    tell(facts, "\n".join(lines), as_json)
