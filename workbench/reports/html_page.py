"""The report as one HTML file: figures drawn in, no script, no network, readable in print."""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from importlib.metadata import version
from typing import Any

import jinja2
from markupsafe import Markup
from sqlalchemy.orm import Session

from db.base import now
from workbench.analysis.results import Results
from workbench.rating.results import study_results
from workbench.reports import figures, plots
from workbench.reports.beside import beside_of
from workbench.reports.example_trials import Example, examples_of
from workbench.reports.protocol import Protocol, protocol_of
from workbench.reports.rating_page import HEIGHT, WIDTH, page_of_first_trial
from workbench.reports.report_notes import Notes
from workbench.reports.statistics_text import methods_of
from workbench.reports.system_labels import shortened
from workbench.reports.vote_table import CODEBOOK
from workbench.store.media import MediaStore
from workbench.studies.questions import Further

__all__ = ["page", "report_of"]


def report_of(
    session: Session, study_id: int, notes: Notes | None = None, media: MediaStore | None = None
) -> tuple[Protocol, Results, str]:
    """A study's protocol, results and page, with what was entered besides; with `media` some trials as pictures; raises NotFoundError."""
    protocol, results = protocol_of(session, study_id, notes), study_results(session, study_id)
    further = beside_of(session, study_id).further
    if media is None:
        return protocol, results, page(protocol, results, now(), further=further)
    examples = examples_of(session, protocol.study, media)
    as_seen = page_of_first_trial(session, protocol.study, media)
    return protocol, results, page(protocol, results, now(), examples, further, as_seen)


def page(
    protocol: Protocol, results: Results, made_at: datetime, examples: Sequence[Example] = (),
    further: Sequence[tuple[Further, Results]] = (), as_seen: str = "",
) -> str:  # fmt: skip
    """The HTML of a report; `further` are the results of further questions about the same pictures, `as_seen` the raters' page."""
    results, shared = shortened(results)
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters |= {"share": _share, "number": _number, "p": _p, "within": _within}
    template, of_further = (environment.from_string(_template(name)) for name in ("report.html", "further_question.html"))
    return template.render(
        further=[Markup(of_further.render(question=question, results=shortened(answers)[0])) for question, answers in further],
        protocol=protocol,
        results=results,
        shared=shared,
        figures=_figures(results),
        methods=methods_of(results),
        codebook=CODEBOOK,
        given_values=sorted({int(value) for row in results.systems for value in row.get("given", ())}),
        version=version("lcad-workbench"),
        examples=examples,
        as_seen=as_seen,
        window=(WIDTH, HEIGHT),
        rate=figures.rate_of(results.method),
        made_at=made_at,
    )


def _template(name: str) -> str:
    return (resources.files("workbench.reports") / name).read_text(encoding="utf-8")


def _figures(results: Results) -> dict[str, Any]:
    """The drawings by name as SVG; None where there is nothing to show."""
    charts = {
        "systems": figures.systems(results), "rates": figures.rates(results), "pairs": figures.pairs(results),
        "detection": figures.detection(results), "sensitivity": figures.sensitivity(results), "raters": plots.raters(results.raters),
    }  # fmt: skip
    drawn: dict[str, Any] = {name: None if chart is None else Markup(plots.svg(chart)) for name, chart in charts.items()}
    return drawn | {"effects": [Markup(plots.svg(chart)) for chart in figures.effects(results)]}


def _share(value: float | None) -> str:
    return "–" if value is None else f"{_number(100 * value, 1)} %"


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _p(value: float | None) -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _within(row: dict[str, Any], middle: str, low: str, high: str, form: str = "number") -> str:
    """A number with its interval: `0.41 (0.22 to 0.61)`."""
    show = _share if form == "share" else _number
    if row.get(middle) is None:
        return "–"
    return show(row[middle]) + ("" if row.get(low) is None else f" ({show(row[low])} to {show(row[high])})")
