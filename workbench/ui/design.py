"""The form that makes a study out of colorizations."""

import streamlit as st

from db.enums import RatingMethod
from workbench import colorizations, studies
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.trials import FACTORS
from workbench.ui import context, wording

MOST = 2000
"""Colorizations that one study takes at most."""

METHODS = {
    RatingMethod.PAIR: "Pairs: which of two is better",
    RatingMethod.CHOICE: "Best of several",
    RatingMethod.CATEGORY: "Marks from 1 to 5",
    RatingMethod.RANKING: "Ranking",
}


def draw() -> None:
    """The form; what it makes is a draft to be opened on the Studies page."""
    with st.form("design", border=False):
        first = st.columns([2, 3])
        name = first[0].text_input("Name", placeholder="mini against mini-2")
        question = first[1].text_input("Question", "Which colorization fits the description better?")
        second = st.columns([2, 3, 1])
        method = second[0].selectbox("Method", METHODS, format_func=METHODS.get)
        query = second[1].text_input("Images (a query; empty takes all)", placeholder="level:partial has:mask")
        votes = second[2].number_input("Votes a trial", 1, 100, 3)
        third = st.columns([3, 1.2, 1, 1], vertical_alignment="bottom")
        between = third[0].multiselect("Compare between", FACTORS, default=["checkpoint"], help="What may differ within a trial")
        reference = third[1].checkbox("Also against the original")
        ties = third[2].checkbox("Allow a tie", True)
        if not third[3].form_submit_button("Create", type="primary", width="stretch"):
            return
    try:
        _create(name, question, method, query, int(votes), between, reference, ties)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    st.rerun()


def _create(
    name: str, question: str, method: RatingMethod, query: str, votes: int, between: list[str], reference: bool, ties: bool
) -> None:
    with context.transaction() as session:
        ids = [row.id for row in colorizations.find(session, query=query, limit=MOST)]
        if not ids:
            raise InvalidInputError("There are no colorizations of these images yet; make some on the Colorize page first.")
        study = studies.create(
            session, name=name.strip(), question=question.strip(), method=method, design={"ties": ties}, votes_per_trial=votes,
            author=context.actor(),
        )  # fmt: skip
        add = studies.add_pairs if method == RatingMethod.PAIR else studies.add_sets
        added = add(session, study, ids, between=between, reference=reference, author=context.actor())
    context.say(f'"{name.strip()}" has {wording.count(added, "trial")}; open it to let raters in.')
