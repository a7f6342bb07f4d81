"""Review: one colorization after the other beside its reference and votes; ✓ ↻ ✗ with a reason, by single keys."""

import streamlit as st

from db.enums import Verdict
from db.models import Colorization, Image
from workbench import captions, colorizations, curation, events, images
from workbench.curation import Queued
from workbench.ui import context, review_rules, walk, wording
from workbench.ui.components.compare import compare
from workbench.ui.components.keys import keys
from workbench.ui.files import full_url, thumb_url
from workbench.ui.links import link
from workbench.ui.marking import marked, spans_of

ORDERS = {
    "disagreement": "Disagreement first",
    "adherence": "Lowest adherence first",
    "newest": "Newest first",
    "random": "At random",
}
REASONS = {
    "1": "an object has the wrong color",
    "2": "a color bleeds into its surroundings",
    "3": "the colors are dull or missing",
    "4": "the colors are not natural",
    "5": "blotches or other artifacts",
    "6": "the description does not fit the image",
}
VERDICT_KEYS = {"a": Verdict.ACCEPT, "w": Verdict.FIX, "x": Verdict.REJECT}


def draw() -> None:
    """The page."""
    heading, field, order = st.columns([1.2, 4, 2], vertical_alignment="center")
    heading.title("Review")
    with field:
        found = walk.search_bar(count=False)
    chosen = order.selectbox("Order", ORDERS, format_func=ORDERS.get, label_visibility="collapsed")
    if found is None:
        return
    with context.reading() as session:
        waiting = curation.queue(session, order=chosen, query=found[0], limit=2)
        counts = curation.counts(session)
        total = colorizations.counts(session)["colorizations"]
    if not total:
        st.info("Colorizations wait here for a verdict once there are some: make them on the Colorize page.")
        link("colorize", "Open Colorize")
        return
    verdicts = " · ".join(f"{wording.VERDICT_GLYPHS[verdict]} {counts[verdict.value]:,}" for verdict in Verdict)
    st.progress(counts["reviewed"] / total, text=f"{counts['reviewed']:,} of {total:,} reviewed · {verdicts}")
    if not waiting:
        st.success("Nothing waits for a verdict here. Clear the query, or go on to a release.")
        link("releases", "Open Releases")
    else:
        _item(waiting)
    review_rules.draw()


def _item(waiting: list[Queued]) -> None:
    row = waiting[0].colorization
    with context.reading() as session:
        image = images.get(session, row.image_id)
        view = captions.views(session, [captions.get(session, row.caption_id)])[0]
    picture, aside = st.columns([3, 1.35], gap="medium")
    with picture:
        _pictures(row, image)
    with aside:
        st.html(f'<p class="saying">{wording.LEVEL_GLYPHS[view.caption.level]} {marked(row.caption_text, _spans(row, view))}</p>')
        _facts(waiting[0])
        _verdict(row, _pressed())
    if len(waiting) > 1:
        st.html(f'<img src="{full_url(waiting[1].colorization.media_key)}" alt="" style="display:none">')


def _spans(row: Colorization, view: captions.CaptionView) -> list:
    """Chips only where the caption still reads as it did when the colorization was made."""
    return spans_of(view.mentions) if view.caption.text == row.caption_text else []


def _pictures(row: Colorization, image: Image) -> None:
    beside = ("reference", full_url(image.upright_key)) if image.has_reference else ("source", thumb_url(image.upright_key, "gray", 1024))
    compare((full_url(row.media_key), "colorization"), (beside[1], beside[0]), key="review-compare", mode="side", height=520)


def _facts(item: Queued) -> None:
    votes = "no votes yet" if not item.votes else f"won {wording.share(item.win_rate)} of {wording.count(item.votes, 'vote')}"
    st.caption(f"Adherence **{wording.share(item.colorization.adherence)}** · {votes}")
    for part in item.colorization.facts.get("mentions", []):
        st.caption(f"{wording.plain(part['phrase'])} · {'right' if part['right'] else 'not right'}, {wording.share(part['score'])}")
    lost = item.colorization.facts.get("lost_words")
    if lost:
        st.caption(f"The model did not read: {wording.plain(lost if isinstance(lost, str) else ' '.join(lost))}")


def _pressed() -> str | None:
    refusing = st.session_state.get("refusing")
    known = {key: verdict.value for key, verdict in VERDICT_KEYS.items()} | (REASONS if refusing else {})
    return keys(known | {"Backspace": "take the last verdict back"}, key="review-keys", hints={"S F B": "slider, flip, side by side"})


def _verdict(row: Colorization, pressed: str | None) -> None:
    with st.container(horizontal=True):
        for key, verdict in VERDICT_KEYS.items():
            kind = "primary" if st.session_state.get("refusing") == verdict else "secondary"
            if st.button(f"{wording.verdict(verdict)}  ({key.upper()})", key=f"verdict-{verdict.value}", type=kind) or pressed == key:
                _choose(row, verdict)
    refusing = st.session_state.get("refusing")
    if refusing:
        st.write(f"{wording.verdict(refusing)} because")
        with st.container(gap=None):
            chosen = [reason for key, reason in REASONS.items() if st.button(f"{key}  {reason}", key=f"reason-{key}", type="tertiary")]
        reason = chosen[0] if chosen else REASONS.get(pressed or "")
        if reason:
            _keep(row, refusing, reason)
    if pressed == "Backspace":
        _take_back()


def _choose(row: Colorization, verdict: Verdict) -> None:
    if verdict == Verdict.ACCEPT:
        _keep(row, verdict, "")
    st.session_state["refusing"] = verdict
    st.rerun()


def _keep(row: Colorization, verdict: Verdict, reason: str) -> None:
    st.session_state.pop("refusing", None)
    batch = events.new_batch()
    with context.attempt():
        with context.transaction() as session:
            curation.review(session, row.id, verdict, reviewer=context.actor(), reason=reason, batch_id=batch)
        st.session_state.setdefault("verdicts", []).append(batch)
    st.rerun()


def _take_back() -> None:
    given = st.session_state.get("verdicts", [])
    if given:
        with context.attempt(), context.transaction() as session:
            curation.undo(session, given.pop(), actor=context.actor())
    st.session_state.pop("refusing", None)
    st.rerun()


draw()
