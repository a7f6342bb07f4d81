"""The raters of a study on a page: invited, watched, excluded with a reason, their links revoked, forgotten on request."""

import json
from datetime import timedelta

import streamlit as st

from db.base import now
from db.enums import Outcome
from db.models import Invitation, Rater, Study
from workbench.errors import WorkbenchError
from workbench.rating import rater_session
from workbench.studies import endings, person_data, raters, recruitment, rules_of
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.study import recruitment_links

ACTIONS = {
    "exclude": "Exclude from the results, with a reason",
    "revoke": "Take the link back; votes stay",
    "renew": "Make a new link; the old one ends",
    "export": "Export all that is stored of the person",
    "forget": "Forget: delete the person's data for good",
}


def draw(study: Study) -> None:
    """Everybody who came, how far they are, and what can be done."""
    _invite(study)
    recruitment_links.draw(study)
    with context.reading() as session:
        invited = raters.invitations(session, study.id)
        answered = rater_session.answered(session, study.id)
        codes = {invitation.id: endings.code_of(session, invitation) for invitation, _ in invited}
        names = recruitment.names(session, study.id)
    if not invited:
        return
    st.dataframe([_row(invitation, rater, answered, codes, names) for invitation, rater in invited], hide_index=True)
    _act(study, invited)


def _invite(study: Study) -> None:
    cohorts = list(rules_of(study).cohorts)
    with st.form(f"invite-{study.id}", border=False):
        number, cohort, days, button = st.columns([1, 2, 1, 1], vertical_alignment="bottom")
        count = number.number_input("Raters", 1, 500, 5)
        group = cohort.selectbox("Cohort", cohorts) if cohorts else cohort.text_input("Cohort", placeholder="colleagues")
        valid = days.number_input("Days it works (0: forever)", 0, 365, 0)
        asked_for = button.form_submit_button("Make links", width="stretch")
    if not asked_for:
        return
    expires = now() + timedelta(days=int(valid)) if valid else None
    try:
        with context.transaction() as session:
            made = raters.invite(session, study.id, int(count), expires_at=expires, cohort=(group or "").strip(), actor=context.actor())
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    _show_links([token for _, token in made])


def _show_links(tokens: list[str]) -> None:
    base = st.context.url.split("/studies")[0] if st.context.url else ""
    st.write("One link per rater. They are shown only now: the store keeps only their hashes.")
    st.code("\n".join(f"{base}/r/{token}" for token in tokens), language=None)
    st.caption(f"Try a link in a private window: it turns a browser into the rater's, until it closes or opens {base}/leave.")


def _row(invitation: Invitation, rater: Rater, answered: dict[int, int], codes: dict[int, str], names: dict[int, str]) -> dict[str, object]:
    return {
        "rater": rater.pseudonym,
        "kind": "simulated" if rater.simulated else "curator" if invitation.is_curator else "person",
        "participant": names.get(invitation.id, ""),
        "cohort": invitation.cohort,
        "answers": answered.get(rater.id, 0),
        "state": state_of(invitation),
        "screening": ", ".join(
            f"{test.replace('_', ' ')} {'✓' if outcome['passed'] else '✗'}" for test, outcome in invitation.screening.items()
        ),
        "code": codes[invitation.id] if invitation.outcome else "",
        "invited": wording.ago(invitation.created_at),
    }


WORDS = {Outcome.SCREENED_OUT: "screened out", Outcome.QUOTA_FULL: "turned away: full", Outcome.WITHDRAWN: "withdrawn"}


def state_of(invitation: Invitation) -> str:
    """Where a rater stands, in words."""
    if invitation.outcome in WORDS:
        return WORDS[invitation.outcome]
    if invitation.excluded_at:
        return f"excluded: {invitation.exclusion_reason}"
    if invitation.revoked_at:
        return "revoked"
    if invitation.expires_at and invitation.expires_at <= now() and not invitation.finished_at:
        return "expired"
    return "finished" if invitation.finished_at else "begun" if invitation.consented_at else "invited"


def _act(study: Study, invited: list[tuple[Invitation, Rater]]) -> None:
    named = {rater.pseudonym: (invitation, rater) for invitation, rater in invited}
    columns = st.columns([2, 3, 3, 1], vertical_alignment="bottom")
    name = columns[0].selectbox("Rater", named, key=f"rater-{study.id}")
    action = columns[1].selectbox("What to do", ACTIONS, format_func=ACTIONS.__getitem__, key=f"action-{study.id}")
    reason = ""
    if action == "exclude":
        reason = columns[2].text_input("Reason", placeholder="answered without looking", key=f"reason-{study.id}")
    sure = action != "forget" or columns[2].checkbox("Yes: this cannot be undone", key=f"sure-{study.id}")
    if columns[3].button("Do it", key=f"act-{study.id}", disabled=not sure, width="stretch"):
        _do(study, *named[name], action, reason)


def _do(study: Study, invitation: Invitation, rater: Rater, action: str, reason: str) -> None:
    try:
        with context.transaction() as session:
            if action == "renew":
                _show_links([raters.renew(session, invitation.id, actor=context.actor())])
                return
            if action == "export":
                stored = json.dumps(person_data.stored_of(session, rater.id), indent=1, ensure_ascii=False)
                st.download_button("Keep as a file", stored, f"{rater.pseudonym}.json", "application/json", on_click="ignore")
                return
            if action == "exclude":
                raters.exclude(session, study.id, rater.id, reason, actor=context.actor())
            elif action == "revoke":
                raters.revoke(session, invitation.id, actor=context.actor())
            else:
                person_data.forget(session, rater.id, actor=context.actor())
        if action == "forget":
            person_data.clear_free_pages(context.engines().writer)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    done = {"exclude": "is excluded", "revoke": "has no access any more", "forget": "is forgotten"}[action]
    context.say(f"{rater.pseudonym} {done}.")
    st.rerun()
