"""The raters' page in a report: its own words, style and layout, with the pictures of a trial, without its script."""

from importlib.resources import files

import jinja2
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import TrialKind
from db.models import Study, Trial
from workbench.reports.example_trials import Example, examples_of
from workbench.store.media import MediaStore
from workbench.studies import rules_of
from workbench.studies.rater_words import words_in

__all__ = ["HEIGHT", "WIDTH", "page_of_first_trial", "rating_page"]

WIDTH, HEIGHT = 1280, 800
"""Of the window that the page is drawn for, in CSS pixels."""

SIDE = 600
"""Pixels of a picture's longer side: as large as two of them are in that window."""


def page_of_first_trial(session: Session, study: Study, media: MediaStore) -> str:
    """The page of the study's first regular trial; empty where there is none."""
    examples = examples_of(session, study, media, 1, SIDE)
    return rating_page(session, study, examples[0]) if examples else ""


def rating_page(session: Session, study: Study, example: Example) -> str:
    """The HTML of the page on which raters met a trial, as it stood before they answered; the systems in the study's order.

    It loads nothing and runs nothing, so that it can stand in a frame of a report.
    """
    rules = rules_of(study)
    return _template().render(
        words=words_in(rules.language, rules.words),
        style=Markup(_part("page.css")),
        rules=rules,
        method=study.method.value,
        question=study.question,
        caption=example.caption,
        total=min(_trials(session, study), rules.trials_per_rater or 10**9),
        extras=[shown for shown in example.pictures if shown.part in ("source", "reference")],
        pictures=[shown for shown in example.pictures if not shown.part],
    )


def _trials(session: Session, study: Study) -> int:
    of_study = (Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR)
    return session.scalar(select(func.count(Trial.id)).where(*of_study)) or 0


def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(_part("trial_still.html"))


def _part(name: str) -> str:
    return (files("workbench.rating.page") / name).read_text("utf-8")
