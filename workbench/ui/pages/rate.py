"""Rate: one blind trial at a time on neutral gray; a vote is durable before the next trial shows."""

from base64 import b64encode

import streamlit as st

from db.enums import StudyStatus
from workbench import ratings, studies, thumbnails
from workbench.dealing import TrialView
from workbench.errors import AlreadyRatedError, WorkbenchError
from workbench.ui import context, style, wording
from workbench.ui.access import rater_token
from workbench.ui.components.rating_board import Answer, rating_board
from workbench.ui.files import full_url
from workbench.ui.links import asked, go, link

BOARD = "rating-board"


def draw() -> None:
    """The page: for an invited rater their study, for a curator a choice of the open ones."""
    token = rater_token()
    if token:
        with context.reading() as session:
            invitation = studies.authenticate(session, token)
        _rate(invitation.study_id, invitation.rater_id)
        return
    chosen = asked("study")
    if chosen is None:
        _choose()
        return
    _rate(chosen, _own_rater(chosen))
    if st.button("Leave", type="tertiary"):
        go("studies", study=chosen)


def _choose() -> None:
    st.title("Rate")
    with context.reading() as session:
        found = [(study, studies.progress(session, study.id)) for study in studies.listing(session, status=StudyStatus.OPEN)]
    if not found:
        st.info("No study is open now. Make one from your colorizations and open it; then rate here, or invite others.")
        link("studies", "Make a study")
        return
    st.write("Choose a study to rate yourself; others rate by the links that you send them from the Studies page.")
    for study, progress in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{wording.plain(study.name)}** · {wording.plain(study.question)}")
            st.caption(f"{progress.votes} of {progress.needed} votes")
            if st.button("Rate", key=f"rate-{study.id}", type="primary"):
                st.query_params["study"] = str(study.id)
                st.rerun()


def _own_rater(study_id: int) -> int:
    """The curator's own place in a study: invited once, found again by the cohort that bears their name."""
    cohort = f"curator: {context.actor()}"
    with context.transaction() as session:
        for invitation, rater in studies.invitations(session, study_id):
            if invitation.cohort == cohort:
                return rater.id
        [(rater, _)] = studies.invite(session, study_id, 1, cohort=cohort, actor=context.actor())
        return rater.id


def _rate(study_id: int, rater_id: int) -> None:
    st.html(style.RATING_CSS)
    with context.transaction() as session:
        trial = studies.next_trial(session, study_id, rater_id)
    if trial is None:
        st.title("Thank you")
        st.write("You have answered everything that this study has for you now. You can close this page.")
        return
    rating_board(
        trial.trial_id,
        key=BOARD,
        question=trial.question,
        caption=trial.caption_text or "",
        source=_gray(trial),
        stimuli=[(stimulus.id, full_url(stimulus.media_key)) for stimulus in trial.stimuli],
        ties=trial.ties,
        method=trial.method.value,
        scales=[(scale.name, scale.points) for scale in trial.scales],
        progress=(trial.done + 1, trial.total),
        on_answer=lambda answer: _keep(answer, rater_id),
    )


def _gray(trial: TrialView) -> str | None:
    """The gray source inside the page itself: its address would be that of the original, which in color is the answer."""
    if trial.source_key is None:
        return None
    path = thumbnails.thumbnail(context.settings(), context.media(), trial.source_key, "gray", 1024)
    return "data:image/webp;base64," + b64encode(path.read_bytes()).decode()


def _keep(answer: Answer, rater_id: int) -> None:
    try:
        with context.transaction() as session:
            ratings.rate(session, answer.trial, rater_id, answer.choice, seconds=answer.seconds, shown_at=answer.shown_at)
    except AlreadyRatedError:
        context.say("That one was answered already.")
    except WorkbenchError as refusal:
        context.say_no(str(refusal))


draw()
