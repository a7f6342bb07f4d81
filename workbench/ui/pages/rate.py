"""Rate: a curator's way into the raters' own page; others come there by their links."""

import json

import streamlit as st

from db.enums import StudyStatus
from db.models import Study
from workbench import studies
from workbench.studies import raters
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link, number_in_address


def draw() -> None:
    """The page: the studies that are open, the one that was asked for first."""
    heading("rate", "Rate")
    with context.reading() as session:
        open_studies = [(study, studies.progress(session, study.id)) for study in studies.listing(session, status=StudyStatus.OPEN)]
    if not open_studies:
        st.info("No study is open now. Create one from your colorizations and open it; then rate here, or invite others.")
        link("studies", "Make a study")
        return
    for study, progress in sorted(open_studies, key=lambda entry: entry[0].id != number_in_address("study")):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(study.name)}** · {wording.plain(study.question)}")
            st.caption(f"{progress.votes} of {progress.needed} votes")
            if st.button("Rate", key=f"rate-{study.id}", type="primary"):
                _enter(study)


def _enter(study: Study) -> None:
    """Leave for the raters' page, as the rater that the curator is in this study."""
    with context.attempt():
        token = _own_token(study)
        address = json.dumps(f"r/{token}")  # beside this page, outside of the app
        st.html(f"<script>window.location.assign(new URL({address}, document.baseURI))</script>", unsafe_allow_javascript=True)
    context.draw_notices()


def _own_token(study: Study) -> str:
    """A new token of the curator's own place in a study: invited once, found again by the cohort that bears their name."""
    cohort = f"{raters.CURATOR}{context.actor()}"
    with context.transaction() as session:
        for invitation, _ in raters.invitations(session, study.id):
            if invitation.cohort == cohort:
                return raters.renew(session, invitation.id, actor=context.actor())
        [(_, token)] = raters.invite(session, study.id, 1, cohort=cohort, curator=True, actor=context.actor())
        return token


draw()
