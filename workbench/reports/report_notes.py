"""What a report tells that the store cannot know: how raters were found and paid, what was planned, what was done otherwise."""

from dataclasses import asdict, dataclass

import yaml

from workbench.reports.protocol_row import Row
from workbench.yaml_fields import FilledText, part, read_text, validate

__all__ = ["TITLES", "Notes", "read_notes", "rows_of", "write_notes"]

TITLES = {
    "recruitment": "Recruitment, as entered",
    "pay": "Pay, as entered",
    "viewing": "Viewing conditions, as entered",
    "ethics": "Ethics review, as entered",
    "preregistration": "Preregistration, as entered",
    "plan": "Planned analysis, as entered",
    "deviations": "Deviations from the plan, as entered",
}


@dataclass(frozen=True)
class Notes:
    """As whoever reports the study entered them; empty where nothing was."""

    __pydantic_config__ = part("A report's notes")

    recruitment: FilledText = ""
    pay: FilledText = ""
    viewing: FilledText = ""
    ethics: FilledText = ""
    preregistration: FilledText = ""
    plan: FilledText = ""
    deviations: FilledText = ""


def read_notes(text: str, what: str) -> Notes:
    """Notes from YAML, a text under each key of `Notes`; raises InvalidInputError that names the line and the key."""
    return validate(Notes, read_text(text, what))


def write_notes(notes: Notes) -> str:
    """Notes as YAML that reads back the same; what was not entered is left out."""
    return yaml.safe_dump({name: text for name, text in asdict(notes).items() if text}, sort_keys=False, allow_unicode=True, width=100)


def rows_of(notes: Notes) -> list[Row]:
    """A line for each note; what was not entered is said to be missing where a report needs it."""
    told = [Row(title, getattr(notes, name).strip()) for name, title in TITLES.items() if getattr(notes, name).strip()]
    needed = ("recruitment", "pay", "preregistration")
    missing = [name for name in needed if not getattr(notes, name).strip()]
    if missing:
        told.append(Row("Not entered", f"{', '.join(missing)}: whoever publishes this adds what is true of it"))
    if notes.plan.strip() and not notes.deviations.strip():
        told.append(Row("Deviations from the plan", "none were entered"))
    return told
