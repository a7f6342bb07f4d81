"""Studies: made from colorizations, opened, raters invited, progress watched, results read with their intervals."""

import json

import streamlit as st

from db.enums import StudyStatus
from db.models import Study
from workbench import studies
from workbench.rating import pilot
from workbench.ui.app import context
from workbench.ui.shared import first_step, wording
from workbench.ui.shared.fold import fold
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link, number_in_address
from workbench.ui.study import design_form, power_planner, rater_list, report_view, results_cache, results_view


def draw() -> None:
    """The page: the list of studies, or one of them."""
    heading("studies", "Studies")
    with context.reading() as session:
        rows = studies.listing(session)
    if not rows and not first_step.has_photos():
        first_step.photos("Studies ask people which colorization is better. Import photos with captions first, or begin with the demo.")
        _planner()
        return
    if not rows:
        st.write("A study asks people which colorization is better. Create your first one from what you have colorized:")
    fold("New study", "new-study", design_form.draw)
    _planner()
    if not rows:
        return
    by_id = {study.id: study for study in rows}
    first = number_in_address("study")
    names, one = st.columns([1, 4.4], gap="medium")
    with names:
        chosen = st.radio(
            "Study", list(by_id), index=list(by_id).index(first) if first in by_id else 0, format_func=lambda key: by_id[key].name,
            captions=[f"{study.status.value} · {wording.ago(study.created_at)}" for study in rows],
        )  # fmt: skip
    with one:
        _show(by_id[chosen])


def _planner() -> None:
    fold("How many votes? Plan a study", "plan", power_planner.draw)


def _show(study: Study) -> None:
    with context.reading() as session:
        progress = studies.progress(session, study.id)
    st.markdown(f"## {wording.plain(study.question)}")
    share = min(1.0, progress.votes / progress.needed) if progress.needed else 0.0
    st.progress(share, text=f"{progress.votes:,} of {progress.needed:,} votes on {wording.count(progress.trials, 'trial')}")
    if progress.set_aside:
        st.warning(
            f"{wording.count(progress.set_aside, 'trial')} set aside: a picture is damaged. `workbench studies check {study.name}` names "
            "the files, and shows the trials again once they are whole."
        )
    if progress.curator_votes:
        st.caption(f"{wording.count(progress.curator_votes, 'rating')} of curators not counted")
    _state(study)
    _views(study, progress.votes)


VIEWS = {"Results": results_view.draw, "Effects": results_view.draw_effects, "Sensitivity": results_view.draw_sensitivity}


def _views(study: Study, votes: int) -> None:
    """The parts of a study; only the one on show is made."""
    names, question = [*VIEWS, "Raters", "Report"], _question(study)
    for name, tab in zip(names, st.tabs(names, key="view", on_change="rerun", bind="query-params"), strict=True):
        with tab:
            if not tab.open:
                continue
            if name == "Raters":
                rater_list.draw(study)
            if name == "Report":
                report_view.draw(study, votes)
            elif votes:
                (results_view.draw_raters if name == "Raters" else VIEWS[name])(results_cache.results(study.id, votes, question))
            elif name != "Raters":
                first = "" if study.status == StudyStatus.OPEN else "Open the study, then "
                st.info(f"No votes yet. {first}{'r' if first else 'R'}ate it yourself, or invite raters.")


def _question(study: Study) -> str:
    """The further question whose results are looked at; empty for the study's own."""
    questions = {"": study.question} | {further.name: further.question for further in studies.rules_of(study).further}
    if len(questions) < 2:
        return ""
    return st.selectbox("Results of the question", questions, format_func=questions.__getitem__, key=f"question-{study.id}")


def _state(study: Study) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if study.status == StudyStatus.OPEN:
            link("rate", "Rate it yourself", study=study.id)
            if st.button("Close"):
                _change(studies.close, study, "Closed: it takes no more votes.")
        elif st.button("Open" if study.status == StudyStatus.DRAFT else "Open again", type="primary"):
            _change(studies.open_study, study, "Open: raters can begin.")
        if st.button("Try it as a rater", help="The whole study as raters see it. Nothing is stored."):
            _try(study)
        word = {"pair": "pair comparison", "category": "category rating"}.get(study.method.value, study.method.value)
        st.caption(f"{study.status.value} · {word} · {wording.count(study.votes_per_trial, 'vote')} a trial")


def _try(study: Study) -> None:
    with context.attempt():
        with context.reading() as session:
            token = pilot.begin(session, study.id)
        address = json.dumps(f"r/{token}")  # beside this page, outside of the app
        st.html(f"<script>window.location.assign(new URL({address}, document.baseURI))</script>", unsafe_allow_javascript=True)
    context.draw_notices()


def _change(action, study: Study, done: str) -> None:
    with context.attempt():
        with context.transaction() as session:
            action(session, study.id, actor=context.actor())
        context.say(done)
    st.rerun()


draw()
