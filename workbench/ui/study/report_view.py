"""The report of a study on a page: looked at as it will be read, and taken away as files."""

import io
import json
from collections.abc import Callable

import streamlit as st

from db.base import now
from db.models import Study
from db.session import Engines, transaction
from workbench.analysis.results import Results
from workbench.errors import WorkbenchError
from workbench.reports import files, vote_table
from workbench.reports.beside import beside_of
from workbench.reports.example_trials import examples_of
from workbench.reports.html_page import page
from workbench.reports.protocol import Protocol, protocol_of
from workbench.reports.rating_page import page_of_first_trial
from workbench.reports.report_notes import TITLES, Notes, read_notes, write_notes
from workbench.store import MediaStore
from workbench.ui.app import context
from workbench.ui.study import results_cache

__all__ = ["archive_file", "draw", "votes_file"]

PREVIEW_PX = 900


def draw(study: Study, votes: int) -> None:
    """The files to take away, and the page that is one of them."""
    html = _page(study, votes, _notes(study))
    results, engines = results_cache.results(study.id, votes), context.engines()
    st.markdown(
        "The protocol as a methods section has it (who, how many, wording, screening, exclusions, randomization), the results with their "
        "figures, and how each number comes about. The files need no network."
    )
    with st.container(horizontal=True):
        _take("Report as one HTML file", lambda: html.encode(), f"{study.name}.html", "text/html")
        _take("Every single vote as CSV", lambda: votes_file(engines, study.id), f"{study.name}.csv", "text/csv")
        _take("Results as JSON", lambda: _json(results.as_json()), f"{study.name}.json", "application/json")
        _take(
            "All of them, with the codebook", lambda: archive_file(engines, study.id, html, results), f"{study.name}.zip", "application/zip"
        )
    st.caption("The CSV holds the uncounted votes, too: those of excluded raters and those on trials with a known answer, marked so.")
    st.iframe(html, height=PREVIEW_PX, alt="The report")


def _notes(study: Study) -> Notes:
    """What the store cannot know, typed in: it stands in this page's reports, and is kept in the file that is taken away."""
    with st.expander("What the store cannot know: recruitment, pay, preregistration, deviations …"):
        file = st.file_uploader(
            "Notes from a file (`workbench studies report --notes` takes it too)", ["yaml", "yml"], key=f"notes-{study.id}"
        )
        read = Notes()
        if file is not None:
            try:
                read = read_notes(file.getvalue().decode("utf-8-sig"), file.name)
            except (WorkbenchError, UnicodeDecodeError) as refusal:
                st.error(str(refusal).replace("\n", "  \n"))
        typed = {
            name: st.text_area(
                title.partition(",")[0], getattr(read, name), height=68, key=f"note-{study.id}-{name}-{file and file.file_id}"
            )
            for name, title in TITLES.items()
        }
        notes = Notes(**{name: text.strip() for name, text in typed.items()})
        if notes != Notes():
            st.download_button("Keep as a file", write_notes(notes), f"{study.name}-notes.yaml", "application/yaml", on_click="ignore")
    return notes


def _page(study: Study, votes: int, notes: Notes) -> str:
    """The report's HTML, of the present votes, protocol and notes."""
    results, state = results_cache.results(study.id, votes), results_cache.state(study.id)
    with context.reading() as session:
        protocol = protocol_of(session, study.id, notes)
    key = (*state, *protocol.rows, *protocol.exclusions)
    engines, media = context.engines(), context.media()
    return results_cache.made(key, lambda: _drawn(engines, media, protocol, results), "Drawing the report")


def _drawn(engines: Engines, media: MediaStore, protocol: Protocol, results: Results) -> str:
    with transaction(engines.reader) as session:
        examples, as_seen = examples_of(session, protocol.study, media), page_of_first_trial(session, protocol.study, media)
        further = beside_of(session, protocol.study.id).further
    return page(protocol, results, now(), examples, further, as_seen)


def _take(label: str, make: Callable[[], bytes], name: str, kind: str) -> None:
    """A button whose file is made when it is clicked."""
    st.download_button(label, make, name, kind, on_click="ignore", key=f"take-{kind}")


def votes_file(engines: Engines, study_id: int) -> bytes:
    """Every single vote as CSV."""
    text = io.StringIO()
    with transaction(engines.reader) as session:
        vote_table.write_csv(text, vote_table.every_vote(session, study_id), vote_table.CODEBOOK)
    return text.getvalue().encode()


def _json(content: dict) -> bytes:
    return json.dumps(content, indent=1, ensure_ascii=False).encode()


def archive_file(engines: Engines, study_id: int, html: str, results: Results) -> bytes:
    """All files of the report as ZIP."""
    with transaction(engines.reader) as session:
        return files.archive(results, html, vote_table.every_vote(session, study_id), beside_of(session, study_id).files)
