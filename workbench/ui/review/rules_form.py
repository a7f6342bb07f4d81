"""Rules that review in bulk: written as YAML, looked at in pictures before they are applied, taken back as one."""

from collections import defaultdict

import streamlit as st

from db.models import Colorization
from workbench import colorizations, reviews
from workbench.errors import WorkbenchError
from workbench.reviews import MEASURES, Decision, measured, queue
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared import undoing, wording
from workbench.yaml_fields import read_text

SHOWN = 6
"""Pictures of each group of a preview."""
EXAMPLE = """\
name: first pass
rules:
  - verdict: reject
    when: {adherence: "< 0.4"}
    reason: the colors are not those of the description
  - verdict: accept
    when: {adherence: ">= 0.7"}
"""


def draw() -> None:
    """The rules' form with preview and apply, and those that were applied, each of which can be taken back."""
    with st.expander("Review by rules"):
        st.caption(
            "The first rule that fits decides; what a person has judged is left alone. Preview before you apply. "
            f"A rule can ask for {', '.join(f'`{name}`' for name in MEASURES)}. Adherence that was measured in the automatic masks that "
            "steered the colors counts only with `automatic_masks: true`."
        )
        text = st.text_area("Rules", EXAMPLE, height=190, label_visibility="collapsed")
        with st.container(horizontal=True):
            look, apply = st.button("Preview"), st.button("Apply", type="primary")
        if look or apply:
            _decide(text, apply)
        _applied()


def _decide(text: str, apply: bool) -> None:
    try:
        rules = read_text(text, "The text of the rules")
        if apply:
            decisions = reviews.apply_in_parts(rules, actor=context.actor(), reading=context.reading, writing=context.transaction)
        else:
            with context.reading() as session:
                decisions = reviews.apply_rules(session, rules, actor=context.actor())
    except WorkbenchError as refusal:
        st.error(str(refusal).replace("\n", "  \n"))
        return
    if apply and decisions:
        context.say(f"{wording.count(len(decisions), 'verdict')} given.")
        st.rerun()
    groups: dict[tuple, list[Decision]] = defaultdict(list)
    for decision in decisions:
        groups[decision.verdict, decision.reason].append(decision)
    st.write(f"These rules would decide {wording.count(len(decisions), 'colorization')}.")
    for number, ((verdict, reason), group) in enumerate(groups.items()):
        st.markdown(f"**{wording.verdict(verdict)}** {wording.count(len(group), 'colorization')} · {wording.plain(reason)}")
        _examples(group, f"preview-{number}")


def _examples(group: list[Decision], key: str) -> None:
    with context.reading() as session:
        rows: list[Colorization] = [colorizations.get(session, decision.colorization_id) for decision in group[:SHOWN]]
    tiles = [
        Tile(row.id, thumb_url(row.media_key, "color", 256), title=row.caption_text, note=f"adherence {wording.adherence(measured(row))}")
        for row in rows
    ]
    gallery(tiles, key=key, columns=SHOWN, selectable=False, strip=True)


def _applied() -> None:
    """The rules that were applied, newest first; the page may be left and opened again, they can still be taken back."""
    with context.reading() as session:
        applied_rules = queue.applied(session, limit=5)
    for one in applied_rules:
        line, button = st.columns([5, 1], vertical_alignment="center")
        counted = " · ".join(
            f"{wording.VERDICT_GLYPHS[verdict]} {one.verdicts[verdict]:,}" for verdict in wording.VERDICT_GLYPHS if verdict in one.verdicts
        )
        line.markdown(f"**{wording.plain(one.name)}** {counted} · {wording.plain(one.actor)}, {wording.ago(one.at)}")
        if not one.standing:
            button.caption("undone")
        elif button.button("Undo", key=f"undo-{one.batch_id}", width="stretch"):
            _undo(one.batch_id)


def _undo(batch_id: str) -> None:
    undoing.undo(batch_id, "verdict")
    st.rerun()
