"""The recruitment links of a study on a page: made, counted, revoked; and the trials that are set aside."""

from datetime import timedelta

import streamlit as st

from db.base import now
from db.models import Study
from workbench.errors import WorkbenchError
from workbench.studies import recruitment, rules_of
from workbench.ui.app import context


def draw(study: Study) -> None:
    """One link for many, and what became of those made before."""
    with context.reading() as session:
        made, came = recruitment.links(session, study.id), recruitment.came_by(session, study.id)
    with st.expander("One link for many (Prolific, Mechanical Turk, a mailing list)"):
        _new(study)
        for link in made:
            row, button = st.columns([5, 1], vertical_alignment="center")
            cap = f" of {link.cap}" if link.cap else ""
            state = "revoked: lets nobody new in" if link.revoked_at else "open"
            row.write(
                f"Link {link.id}{f' · {link.cohort}' if link.cohort else ''}: {came.get(link.id, 0)}{cap} came, "
                f"turned away {link.turned_away} times, declined {link.declined} times · {state}"
            )
            if link.revoked_at is None and button.button("Revoke", key=f"link-{link.id}", width="stretch"):
                with context.transaction() as session:
                    recruitment.revoke_link(session, link.id, actor=context.actor())
                st.rerun()


def _new(study: Study) -> None:
    rules = rules_of(study)
    with st.form(f"link-{study.id}", border=False):
        number, cohort, days, button = st.columns([1, 2, 1, 1], vertical_alignment="bottom")
        cap = number.number_input("Maximum people (0: as many as needed)", 0, 100_000, rules.recruitment.cap or 0)
        groups = list(rules.cohorts)
        group = cohort.selectbox("Cohort", groups) if groups else cohort.text_input("Cohort", placeholder="crowd")
        valid = days.number_input("Days it works (0: forever)", 0, 365, 0)
        pressed = button.form_submit_button("Make a link", width="stretch")
    if not pressed:
        return
    expires = now() + timedelta(days=int(valid)) if valid else None
    try:
        with context.transaction() as session:
            _link, token = recruitment.create_link(
                session, study.id, cohort=(group or "").strip(), cap=int(cap) or None, expires_at=expires, actor=context.actor()
            )
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    base = st.context.url.split("/studies")[0] if st.context.url else ""
    st.write(
        "The link is shown only now: the store keeps only its hash. Put the platform's placeholders in place of the values in capitals."
    )
    st.code(recruitment.address_of(rules, token, base), language=None)
