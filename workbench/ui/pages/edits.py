"""Edits: many captions at once, previewed, applied as one batch, undone by one click."""

import streamlit as st

from db.enums import CaptionLevel
from workbench.captions import Batch, Edit, history
from workbench.errors import WorkbenchError
from workbench.ui.app import address, context
from workbench.ui.caption import edit_batches as editing
from workbench.ui.caption import edit_preview
from workbench.ui.components.keys import keys
from workbench.ui.shared import first_step, query_guide, run_progress, wording
from workbench.ui.shared.heading import heading

KINDS = ("Find and replace", "Change level", "Delete", "Accept proposals", "Tag images")
ACTION_WORDS = {
    "create": "proposed or added",
    "edit": "replaced",
    "level": "level changed",
    "drop": "removed",
    "accept": "accepted",
    "tag": "tagged",
    "untag": "untagged",
}
WHERE = ("Whole words", "Inside words too", "Regular expression")
AUTOMATIC = "automatic level"
FIELDS = ("Which captions", "Which images")


def draw() -> None:
    """The page."""
    heading("edits", "Edits")
    if not first_step.has_photos():
        first_step.photos("Captions are changed here, many at once. Import photos with captions first, or begin with the demo.")
        return
    run_progress.watch(*editing.JOBS)
    if keys({"z": "undo the newest batch that stands"}, key="edits-keys") == "z":
        _undo_newest()
    kind = st.segmented_control("Edit", KINDS, default=KINDS[0], required=True, label_visibility="collapsed")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        query = st.text_input(
            FIELDS[kind == KINDS[4]], address.query(), placeholder="level:complete color:red",
            help="A search as in the Library; empty means all.",
        )  # fmt: skip
        query_guide.draw()
    query_guide.complete(*FIELDS)
    query_guide.say_notes(query)
    edit = {KINDS[0]: _replace, KINDS[1]: _relevel, KINDS[2]: _delete, KINDS[3]: _accept, KINDS[4]: _tag}[kind](query)
    if edit is not None:
        _preview(edit)
    _batches()


def _replace(query: str) -> Edit | None:
    find, put = st.columns(2)
    pattern = find.text_input("Find", placeholder="grey")
    replacement = put.text_input("Replace with", placeholder="gray", help="In a regular expression, \\1 stands for its first group")
    with st.container(horizontal=True, vertical_alignment="center"):
        where = st.segmented_control("Where", WHERE, default=WHERE[0], required=True, label_visibility="collapsed")
        case = st.toggle("Match case", disabled=where == WHERE[2], help="Off: finds any case and keeps capital letters")
    if not pattern:
        return None
    regex, inside = where == WHERE[2], where == WHERE[1]
    return Edit("replace", query, pattern=pattern, replacement=replacement, regex=regex, inside=inside, case=case)


def _relevel(query: str) -> Edit | None:
    choices = [*CaptionLevel, AUTOMATIC]
    level = st.segmented_control("Level", choices, format_func=lambda value: value if value == AUTOMATIC else wording.level(value))
    return None if level is None else Edit("relevel", query, level="" if level == AUTOMATIC else str(level))


def _delete(query: str) -> Edit | None:
    if not query.strip():
        st.caption("Say above which captions to delete. Undoing the batch brings them back.")
        return None
    return Edit("remove", query)


def _accept(query: str) -> Edit | None:
    return Edit("accept", f"({query}) status:proposed" if query.strip() else "status:proposed")


def _tag(query: str) -> Edit | None:
    put, take = st.columns(2)
    add = tuple(word for word in put.text_input("Add tags", placeholder="night, checked").split(",") if word.strip())
    remove = tuple(word for word in take.text_input("Remove tags").split(",") if word.strip())
    return Edit("retag", query, add=add, take=remove) if add or remove else None


def _preview(edit: Edit) -> None:
    try:
        looked_at = editing.looked_at(edit)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    words, button = st.columns([5, 1.4], vertical_alignment="center")
    chosen_edit = edit_preview.without_left_out(edit)
    notes = [f" · {looked_at.refused:,} skipped, with the reason"] if looked_at.refused else []
    notes += [f" · {len(chosen_edit.left_out):,} left out"] if chosen_edit.left_out else []
    words.markdown(f"**{wording.count(looked_at.number, 'change')}**{''.join(notes)}")
    remaining = looked_at.possible - len(chosen_edit.left_out)
    if button.button("Apply", type="primary", disabled=remaining <= 0 and not looked_at.more, width="stretch"):
        editing.carry_out(chosen_edit, looked_at)
    edit_preview.draw(edit, looked_at)


def _batches() -> None:
    with context.reading() as session:
        batches = history.recent(session)
    if not batches:
        return
    st.markdown("## Recent batches")
    for batch in batches:
        _batch_line(batch)


def _undo_newest() -> None:
    with context.reading() as session:
        batches = [batch for batch in history.recent(session) if batch.stands]
    if batches:
        editing.take_back(batches[0])
    context.say("No batch is left to undo.")
    st.rerun()


def _batch_line(batch: Batch) -> None:
    words, button = st.columns([6, 1], vertical_alignment="center")
    what = ACTION_WORDS.get(batch.action, batch.action)
    things = wording.count(batch.count, "change")
    words.caption(f"{wording.ago(batch.created_at)} · {wording.plain(batch.actor)} · {batch.subject.replace('_', ' ')} {what} · {things}")
    if not batch.stands:
        button.caption("undone")
    elif button.button("Undo", key=f"roll-{batch.batch_id}", width="stretch"):
        editing.take_back(batch)


draw()
