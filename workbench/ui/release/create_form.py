"""The form that freezes a release: which images, which descriptions, which colors, and what must stay out."""

from typing import Any

import streamlit as st

from db.enums import CaptionLevel
from db.models import Release
from workbench import releases
from workbench.errors import WorkbenchError
from workbench.releases import TARGETS
from workbench.ui.app import context
from workbench.ui.shared import query_guide, wording

TARGET_WORDS = {
    "reference_first": "The original's colors, else the best accepted colorization",
    "reference": "The original's colors only",
    "colorization": "Accepted colorizations only",
}
QUERY = "Images (a query; empty takes all)"
REGION_WORDS = {
    "where_grounded": "Masks where there are any",
    "required": "Only descriptions with masks",
    "none": "Without masks",
}


def draw(earlier: list[Release]) -> None:
    """The form; a name that is there already starts from that release's rules on the command line, here from the standard ones."""
    query_guide.complete(QUERY)
    with st.form("release", border=False):
        first = st.columns([1.2, 2, 2.2])
        name = first[0].text_input("Name", earlier[0].name if earlier else "photos")
        query = first[1].text_input(QUERY, placeholder="NOT tag:night")
        levels = first[2].segmented_control(
            "Levels", list(CaptionLevel), selection_mode="multi", default=list(CaptionLevel), format_func=wording.level
        )
        second = st.columns([2.3, 1.4, 1.2, 1], vertical_alignment="bottom")
        what = "In training. Validation and test always measure against an original's own colors."
        target = second[0].selectbox("Color target", TARGETS, format_func=TARGET_WORDS.__getitem__, help=what)
        regions = second[1].selectbox("Masks", REGION_WORDS, format_func=REGION_WORDS.__getitem__)
        automatic = second[2].toggle("Automatic masks", help="Also use masks that a program found and nobody has confirmed")
        least = second[3].number_input(
            "Minimum votes", 0, 1000, 0, help="How many votes an accepted colorization needs before it is used for training"
        )
        third = st.columns([2.6, 1.7, 1], vertical_alignment="bottom")
        foreign, kept = _foreign(third[0], earlier)
        note = third[1].text_input("Note", placeholder="what is new in it")
        statements = _statements(earlier)
        if not third[2].form_submit_button("Create", type="primary", width="stretch"):
            return
    rules = {
        "query": query.strip(), "levels": [level.value for level in levels], "target": target, "regions": regions, "min_votes": int(least),
        "automatic_masks": automatic,
        "foreign": [kept.get(entry, entry) for entry in foreign],
    }  # fmt: skip
    _create(name.strip(), rules, note.strip(), statements)


def _foreign(place: Any, earlier: list[Release]) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """The lists chosen or named, and those that earlier releases kept, by what they are called here."""
    lists = {entry["key"]: entry for release in earlier for entry in release.rules.get("foreign", [])}
    kept = {f"{entry['name']} ({entry['images']:,})": entry for entry in lists.values()}
    chosen = place.multiselect(
        "Exclude benchmark images",
        list(kept),
        accept_new_options=True,
        placeholder="folder, or file of hashes",
        help="Benchmark images that must not be in any release: a folder of pictures on this machine, or a file with one hash per line.",
    )
    return chosen, kept


def _statements(earlier: list[Release]) -> dict[str, str]:
    """What the card is to say beside what the store knows; it begins with what the newest release said."""
    before = (earlier[0].facts.get("statements") or {}) if earlier else {}
    with st.popover("What the dataset card says: limitations, biases, personal information, …", width="stretch"):
        st.caption("The fields that NeurIPS asks for (Croissant); what you leave empty is filled with what is known.")
        left, right = st.columns(2)
        return {
            name: (left, right)[place % 2].text_area(name.replace("_", " ").capitalize(), before.get(name, ""), help=told, height=90)
            for place, (name, told) in enumerate(releases.STATEMENTS.items())
        }


def _create(name: str, rules: dict[str, Any], note: str, statements: dict[str, str]) -> None:
    try:
        chosen: dict[str, Any] = {"name": name, "rules": rules, "author": context.actor(), "note": note, "statements": statements}
        with (
            st.spinner("Choosing, splitting and freezing…"),
            context.reading() as looking,
            releases.prepared(looking, context.media(), **chosen) as ready,
        ):
            release = releases.enter(ready, writing=context.transaction, reading=context.reading)
            number = len(ready.items)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    context.say(f"{release.name} {release.version}: {wording.count(number, 'item')}.")
    st.rerun()
