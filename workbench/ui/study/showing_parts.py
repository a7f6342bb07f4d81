"""Parts of the form about what is shown: the pictures that are compared, and the raters' page around them."""

from typing import Any

import streamlit as st
import yaml

from db.enums import CaptionLevel, RatingMethod
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.studies import FACTORS, design_io, rater_words
from workbench.ui.app import context
from workbench.ui.shared import query_guide
from workbench.ui.study.form_tables import table, words

__all__ = ["language", "presentation", "stimuli"]

QUERY = "Images (a query; empty takes all)"
ALL = "all"
LANGUAGE_WORDS = {"en": "English", "de": "Deutsch", "own": "A file of words …"}
WITHDRAWAL_WORDS = {"delete": "takes the answers along", "keep": "leaves the answers"}
LEVELS = [level.value for level in CaptionLevel]


def stimuli() -> dict[str, Any]:
    """What is compared, as a design says it."""
    with context.reading() as session:
        known = [row.name for row in checkpoints.listing(session)]
    query = st.text_input(QUERY, placeholder="level:partial has:mask", key="design-query")
    query_guide.complete(QUERY)
    first = st.columns([3, 3, 2])
    between = first[0].multiselect("Compare between", FACTORS, ["checkpoint"], help="What may differ within a trial", key="design-between")
    chosen = first[1].multiselect("Checkpoints", known, placeholder=ALL, key="design-checkpoints")
    levels = first[2].multiselect("Levels", LEVELS, placeholder=ALL, key="design-levels")
    second = st.columns([3, 3, 2])
    settings = second[0].text_input("Only with these settings", placeholder="steps: 8, guidance: 4", key="design-settings")
    seeds = second[1].text_input("Only these seeds", placeholder="0, 1", key="design-seeds")
    none = second[2].checkbox("No colorizations of the store", help="Outside systems alone are compared.", key="design-none")
    third = st.columns(2)
    reference = third[0].checkbox("Also compare with the original", key="design-reference")
    alike = third[1].checkbox("Give all systems the lightness of the source", key="design-lightness")
    return {
        "query": query, "checkpoints": [] if none else chosen or None, "levels": levels, "settings": _settings(settings),
        "seeds": [int(seed) if seed.isdecimal() else seed for seed in words(seeds, ",")], "between": between, "reference": reference,
        "outside": _external_systems(), "source_lightness": alike,
    }  # fmt: skip


def _settings(text: str) -> Any:
    """Settings as they are written in YAML, `steps: 8, guidance: 4`; what cannot be read is handed on, to be refused by its name."""
    try:
        return yaml.safe_load(f"{{{text}}}")
    except yaml.YAMLError:
        return text


def _external_systems() -> list[dict[str, str]]:
    """Systems whose pictures were made elsewhere, as many as the table has rows."""
    st.caption(
        "Outside systems, whose pictures were made elsewhere: a folder whose files are named as the images are, or a CSV manifest with the "
        "columns image, file and maybe caption, both on the server. A level where they were made from captions of one."
    )
    level = {"level": st.column_config.SelectboxColumn(options=["", *LEVELS])}
    systems = []
    for row in table("design-outside", ("name", "folder or manifest", "level"), column_config=level):
        place = row["folder or manifest"]
        part = {"manifest" if place.lower().endswith(".csv") else "folder": place} if place else {}
        systems.append({"name": row["name"], **part} | ({"level": row["level"]} if row["level"] else {}))
    return systems


def presentation(method: RatingMethod) -> dict[str, Any]:
    """What stands beside the pictures, for how long, and what is said before."""
    columns = st.columns(4)
    shown: dict[str, Any] = {
        "caption": columns[0].checkbox("Show the description", True, key="design-caption"),
        "source": columns[1].checkbox("Show the gray photo", True, key="design-source"),
        "reference": columns[2].checkbox("Show the original beside", key="design-beside"),
        "back": columns[3].checkbox("Allow one step back", key="design-back"),
    }
    times = st.columns([2, 2, 3])
    shown["least_viewing_ms"] = int(times[0].number_input("Minimum viewing time, ms", 0, 60_000, 500, 100, key="design-least"))
    most = times[1].number_input("Greatest, s (0: none)", 0, 3600, 0, help="Then the pictures are hidden.", key="design-most")
    shown["most_viewing_s"] = int(most) or None
    if method is RatingMethod.PAIR:
        view = times[2].segmented_control("Seen", design_io.VIEWS, default=design_io.VIEWS[0], key="design-view")
        shown["view"] = view or design_io.VIEWS[0]
    shown["instructions"] = st.text_area("Instructions before the first trial", key="design-instructions")
    return shown


def language() -> dict[str, Any]:
    """The language of the page's own words, and the consent, whose usual text is of that language."""
    columns = st.columns([2, 3, 1, 2])
    chosen = columns[0].selectbox("Language of the page", LANGUAGE_WORDS, format_func=LANGUAGE_WORDS.__getitem__, key="design-language")
    spoken: dict[str, Any] = {"language": chosen} if chosen != "own" else {}
    if chosen == "own":
        spoken["words"] = _own_words(columns[1])
    spoken["consent_version"] = columns[2].text_input("Consent version", "1", key="design-consent-version")
    spoken["withdrawal"] = columns[3].selectbox(
        "Who withdraws", design_io.WITHDRAWALS, format_func=WITHDRAWAL_WORDS.__getitem__, key="design-withdrawal"
    )  # fmt: skip
    words_of_page = rater_words.words_in(spoken.get("language", "en"), spoken.get("words", {}))
    usual = words_of_page.sentences["consent"]
    key = f"design-consent-{chosen}-{words_of_page.language}"  # another language begins with its own text
    consent = st.text_area("Consent, agreed to before anything else", usual, height=180, key=key).strip()
    return spoken | ({"consent": consent} if consent and consent != usual else {})


def _own_words(place: Any) -> dict[str, Any]:
    """The words of an uploaded file; none where there is none yet, or something is wrong in it, which is said."""
    file = place.file_uploader("A file of words; `workbench studies words en` prints one to translate", ["yaml", "yml"], key="design-words")
    if file is None:
        return {}
    try:
        return rater_words.read_file(file.getvalue().decode("utf-8-sig"), file.name).stored()
    except (WorkbenchError, UnicodeDecodeError) as refusal:
        place.error(str(refusal).replace("\n", "  \n"))
        return {}
