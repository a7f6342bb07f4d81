"""Studies: made from colorizations, opened, raters invited, progress watched, results read with their intervals."""

import json

import streamlit as st

from db.enums import StudyStatus
from db.models import Study
from workbench import studies
from workbench.rating import pilot
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.links import link, number_in_address
from workbench.ui.study import design_form, power_planner, rater_list, report_view, results_cache, results_view


def draw() -> None:
    """The page: the list of studies, or one of them."""
    st.title("Studies")
    with context.reading() as session:
        rows = studies.listing(session)
    with st.expander("New study", expanded=not rows):
        if not rows:
            st.write("A study asks people which colorization is better. Create your first study from what you have colorized:")
        design_form.draw()
    plan = st.expander("How many votes? Plan a study", key="plan", on_change="rerun")
    if plan.open:
        with plan:
            power_planner.draw()
    if not rows:
        return
    by_id = {study.id: study for study in rows}
    first = number_in_address("study")
    chosen = st.selectbox(
        "Study", list(by_id), index=list(by_id).index(first) if first in by_id else 0,
        format_func=lambda key: f"{by_id[key].name} · {by_id[key].status.value}",
    )  # fmt: skip
    _show(by_id[chosen])


def _show(study: Study) -> None:
    with context.reading() as session:
        progress = studies.progress(session, study.id)
    st.markdown(f"### {wording.plain(study.question)}")
    share = min(1.0, progress.votes / progress.needed) if progress.needed else 0.0
    st.progress(share, text=f"{progress.votes:,} of {progress.needed:,} votes on {wording.count(progress.trials, 'trial')}")
    if progress.set_aside:
        st.warning(
            f"{wording.count(progress.set_aside, 'trial')} set aside: a picture is damaged. `workbench studies check {study.name}` names "
            "the files, and shows the trials again once they are whole."
        )
    if progress.curator_votes:
        st.caption(f"{wording.count(progress.curator_votes, 'rating')} of curators left out")
    _state(study)
    _views(study, progress.votes)


VIEWS = {"Results": results_view.draw, "Effects": results_view.draw_effects, "Sensitivity": results_view.draw_sensitivity}


def _views(study: Study, votes: int) -> None:
    """The parts of a study; what takes long is made for the one on show only."""
    names, question = [*VIEWS, "Raters", "Report"], _question(study)
    for name, tab in zip(names, st.tabs(names, key="view", on_change="rerun", bind="query-params"), strict=True):
        with tab:
            if name == "Raters":
                rater_list.draw(study)
            if not tab.open:
                continue
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
        if st.button("Try it as a rater", help="The whole study as a rater meets it. Nothing of it is stored."):
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
