"""Studies: made from colorizations, opened, raters invited, progress watched, results read with their intervals."""

import streamlit as st

from db.enums import RatingMethod, StudyStatus
from db.models import Study
from workbench import studies
from workbench.errors import WorkbenchError
from workbench.ui import computing, context, design, planner, report, results, wording
from workbench.ui.links import asked, link


def draw() -> None:
    """The page: the list of studies, or one of them."""
    st.title("Studies")
    with context.reading() as session:
        found = studies.listing(session)
    with st.expander("New study", expanded=not found):
        if not found:
            st.write("A study asks people which colorization is better. Make the first one from what you have colorized:")
        design.draw()
    plan = st.expander("How many votes? Plan a study", key="plan", on_change="rerun")
    if plan.open:
        with plan:
            planner.draw()
    if not found:
        return
    by_id = {study.id: study for study in found}
    first = asked("study")
    chosen = st.selectbox(
        "Study", list(by_id), index=list(by_id).index(first) if first in by_id else 0,
        format_func=lambda key: f"{by_id[key].name} · {by_id[key].status.value}",
    )  # fmt: skip
    _show(by_id[chosen])


def _show(study: Study) -> None:
    with context.reading() as session:
        progress = studies.progress(session, study.id)
        invited = studies.invitations(session, study.id)
    st.markdown(f"### {wording.plain(study.question)}")
    share = min(1.0, progress.votes / progress.needed) if progress.needed else 0.0
    st.progress(share, text=f"{progress.votes:,} of {progress.needed:,} votes on {wording.count(progress.trials, 'trial')}")
    _state(study)
    _views(study, progress.votes, invited)


VIEWS = {"Results": results.draw, "Effects": results.draw_effects, "Sensitivity": results.draw_sensitivity}


def _views(study: Study, votes: int, invited: list) -> None:
    """The parts of a study; what takes long is made for the one on show only."""
    names = [*VIEWS, "Raters", "Report"]
    for name, tab in zip(names, st.tabs(names, key="view", on_change="rerun", bind="query-params"), strict=True):
        with tab:
            if name == "Raters":
                _invite(study)
                _raters(invited)
            if not tab.open:
                continue
            if name == "Report":
                report.draw(study, votes)
            elif votes:
                (results.draw_conduct if name == "Raters" else VIEWS[name])(computing.results(study.id, votes))
            elif name != "Raters":
                st.info("No votes yet. Open the study, then rate it yourself or invite raters.")


def _state(study: Study) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if study.status == StudyStatus.OPEN:
            link("rate", "Rate it yourself", study=study.id)
            if st.button("Close"):
                _change(studies.close, study, "Closed: it takes no more votes.")
        elif st.button("Open" if study.status == StudyStatus.DRAFT else "Open again", type="primary"):
            _change(studies.open_study, study, "Open: raters can begin.")
        word = "choice" if study.method == RatingMethod.CHOICE else f"{study.method.value} comparison"
        st.caption(f"{study.status.value} · {word} · {wording.count(study.votes_per_trial, 'vote')} a trial")


def _change(action, study: Study, done: str) -> None:
    with context.attempt():
        with context.transaction() as session:
            action(session, study.id, actor=context.actor())
        context.say(done)
    st.rerun()


def _invite(study: Study) -> None:
    with st.form(f"invite-{study.id}", border=False):
        number, cohort, button = st.columns([1, 2, 1], vertical_alignment="bottom")
        raters = number.number_input("Raters", 1, 500, 5)
        group = cohort.text_input("Cohort", placeholder="colleagues")
        asked_for = button.form_submit_button("Make links", width="stretch")
    if not asked_for:
        return
    try:
        with context.transaction() as session:
            invited = studies.invite(session, study.id, int(raters), cohort=group.strip(), actor=context.actor())
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    base = st.context.url.split("/studies")[0] if st.context.url else ""
    st.write("One link a rater. They are shown this once: only their hashes are stored.")
    st.code("\n".join(f"{base}/rate?token={token}" for _, token in invited), language=None)
    st.caption(f"Try a link in a private window: it turns a browser into the rater's, until it closes or opens {base}/leave.")


def _raters(invited: list) -> None:
    rows = [
        {
            "rater": rater.pseudonym,
            "": "simulated" if rater.simulated else "",
            "cohort": invitation.cohort,
            "invited": wording.ago(invitation.created_at),
            "state": _rater_state(invitation),
        }
        for invitation, rater in invited
    ]
    if rows:
        st.dataframe(rows, hide_index=True)


def _rater_state(invitation) -> str:
    if invitation.excluded_at:
        return f"excluded: {invitation.exclusion_reason}"
    if invitation.revoked_at:
        return "taken back"
    return "finished" if invitation.finished_at else "invited"


draw()
