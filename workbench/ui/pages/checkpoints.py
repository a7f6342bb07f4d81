"""Checkpoints: from parent to child with what each was trained on and how it does; promote, retrain, evaluate."""

from contextlib import suppress

import streamlit as st

from db.enums import Split
from db.models import Checkpoint, Evaluation, Release
from workbench import colorizations, releases
from workbench.colorizations import checkpoints, evaluation_sheets, evaluations
from workbench.errors import WorkbenchError
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared import evaluation_table, run_progress, training_curve, wording
from workbench.ui.shared.fold import fold
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link, number_in_address
from workbench.ui.shared.popovers import close, popover

STAGES = {"denoiser": "Denoiser: which color", "luminance": "Luminance: how it is painted"}
SHEET = 9  # pictures on a card
MOST_CHANGED = 6
CAPTIONS_ALONE = (
    "Without: the release's masks say where each color goes. With: the checkpoint is given no mask and looks itself for what the caption "
    "names, as it does for a picture that nobody has described before. The release's masks only judge."
)


def draw() -> None:
    """The page."""
    heading("checkpoints", "Checkpoints")
    with context.reading() as session:
        known, frozen = checkpoints.listing(session), releases.listing(session)
    if not known:
        with context.attempt(), context.transaction() as session:
            known = [checkpoints.ensure_mini(session)]
    if not known:
        st.info(
            "No model is here yet. Reinstall the package to get the one that comes with it, or add your own: workbench checkpoints add."
        )
        return
    asked_for = number_in_address("release") is not None
    fold("Train a new checkpoint", "train", lambda: _retrain(known, frozen), expanded=asked_for)
    training_curve.watch()
    run_progress.watch("evaluate_checkpoint")
    names = {row.id: row.name for row in known}
    labels = {release.id: f"{release.name} {release.version}" for release in frozen}
    default = _default()
    for row in sorted(known, key=lambda row: (_depth(row, known), row.id)):
        _card(row, names, labels, frozen, row.id == default)


def _depth(row: Checkpoint, known: list[Checkpoint]) -> int:
    by_id = {other.id: other for other in known}
    depth = 0
    while row.parent_id in by_id:
        row, depth = by_id[row.parent_id], depth + 1
    return depth


def _beside_parent(row: Checkpoint, evaluated: list[Evaluation], labels: dict[int, str]) -> None:
    """What became better and worse than the checkpoint it was trained from, where both were evaluated alike."""
    if row.parent_id is None:
        return
    places = {(one.release_id, one.split, evaluations.by_captions_alone(one)): evaluation_table.place(one, labels) for one in evaluated}
    for place, told in places.items():
        with context.reading() as session, suppress(WorkbenchError):  # the parent has no such evaluation: nothing to compare
            parent = checkpoints.get(session, row.parent_id)
            compared = evaluations.compare(session, context.media(), parent, row, *place)
            st.caption(f"Compared with {parent.name} on {told}: {evaluation_table.said(compared)}")
            changed = [item for item, change in compared.most_changed if change]
            title = f"What changed most, compared with {parent.name}" + (", captions alone" if place[2] else "")
            if changed and st.toggle(title, key=f"changed-{row.id}-{place[0]}-{place[1].value}{'-alone' if place[2] else ''}"):
                pair = evaluations.of_same_settings(session, parent, row, *place)
                names = dict(zip((parent.name, row.name), pair, strict=True))
                st.image(evaluation_sheets.sheet(session, context.media(), names, changed[:MOST_CHANGED]))


def _default() -> int | None:
    try:
        with context.reading() as session:
            return checkpoints.default(session).id
    except WorkbenchError:
        return None


def _card(row: Checkpoint, names: dict[int, str], labels: dict[int, str], frozen: list[Release], is_default: bool) -> None:
    with context.reading() as session:
        made = colorizations.find(session, checkpoint_id=row.id, limit=400)
        metrics = evaluations.of_checkpoint(session, row.id)
    with st.container(border=True):
        words, actions = st.columns([5, 2], vertical_alignment="center")
        came = f"{wording.plain(names.get(row.parent_id, '?'))} → " if row.parent_id else ""
        words.markdown(f"{came}**{wording.plain(row.name)}**" + (" · in use" if is_default else ""))
        words.caption(wording.plain(_history(row, labels)))
        with actions, st.container(horizontal=True, horizontal_alignment="right"):
            if not is_default and st.button(
                "Use by default", key=f"promote-{row.id}", help="Use this checkpoint wherever no other is chosen"
            ):
                _promote(row)
            with popover("Evaluate", f"evaluate-{row.id}"):
                _evaluate(row, frozen)
        if metrics:
            evaluation_table.draw(metrics, labels)
            _beside_parent(row, metrics, labels)
        if made:
            of_each = list({one.image_id: one for one in reversed(made)}.values())[-SHEET:]
            tiles = [Tile(one.id, thumb_url(one.media_key), title=one.caption_text) for one in reversed(of_each)]
            gallery(tiles, key=f"sheet-{row.id}", strip=True, selectable=False)
        path = training_curve.log_of(row)
        if path and st.toggle("Training curve", key=f"curve-{row.id}"):
            training_curve.draw_curve(path)
            training_curve.draw_worth(path)


def _history(row: Checkpoint, labels: dict[int, str]) -> str:
    facts, parts = row.facts, [row.note] if row.note else []
    if row.release_id:
        parts.append(f"trained on {labels.get(row.release_id, 'a release')}")
    if "steps" in facts:
        parts.append(f"{facts['steps']:,} steps of the {facts.get('stage', '')} stage in {wording.duration(facts.get('seconds', 0))}")
    if facts.get("validation_loss_after") is not None:
        parts.append(f"validation loss {facts['validation_loss_before']:.4f} → {facts['validation_loss_after']:.4f}")
    return " · ".join([*parts, f"digest {row.digest[:12]}", wording.ago(row.created_at)])


def _promote(row: Checkpoint) -> None:
    with context.attempt():
        with context.transaction() as session:
            checkpoints.promote(session, row.id, actor=context.actor())
        context.say(f"{row.name} is in use now.")
    st.rerun()


def _retrain(known: list[Checkpoint], frozen: list[Release]) -> None:
    if not frozen:
        st.info("Training needs a release. Create one first.")
        link("releases", "Open Releases")
        return
    by_id = {release.id: f"{release.name} {release.version}" for release in frozen}
    release_id = number_in_address("release")
    with st.form("retrain", border=False):
        fields = st.columns([1.6, 1.3, 2, 1, 1.3, 1], vertical_alignment="bottom")
        release = fields[0].selectbox(
            "Release", by_id, index=list(by_id).index(release_id) if release_id in by_id else 0, format_func=by_id.__getitem__
        )
        base = fields[1].selectbox("From", [row.name for row in known])
        stage = fields[2].selectbox("Stage", STAGES, format_func=STAGES.__getitem__)
        steps = fields[3].number_input("Steps", 1, 1_000_000, 200)
        name = fields[4].text_input("Name", placeholder="chosen for you")
        st.caption("How long, with how much memory: `workbench retrain NAME VERSION --steps 200 --plan` measures it, and trains nothing.")
        if not fields[5].form_submit_button("Train", type="primary", width="stretch"):
            return
    parameters = {"release_id": release, "base": base, "stage": stage, "steps": int(steps), "name": name.strip() or None}
    run_progress.start("retrain_checkpoint", parameters, "The training is queued; its curve appears here.")
    st.rerun()


def _evaluate(row: Checkpoint, frozen: list[Release]) -> None:
    if not frozen:
        st.caption("An evaluation needs a release. Create one first.")
        link("releases", "Open Releases")
        return
    by_id = {release.id: f"{release.name} {release.version}" for release in frozen}
    release = st.selectbox("Release", by_id, format_func=by_id.__getitem__, key=f"on-{row.id}")
    split = st.selectbox("Split", [split.value for split in Split], index=2, key=f"split-{row.id}")
    alone = st.checkbox("Captions alone", key=f"alone-{row.id}", help=CAPTIONS_ALONE)
    if st.button("Evaluate", key=f"do-evaluate-{row.id}", type="primary"):
        close(f"evaluate-{row.id}")
        parameters = {"checkpoint": row.name, "release_id": release, "split": split, "captions_alone": alone}
        run_progress.start("evaluate_checkpoint", parameters, "The evaluation is queued.")
        st.rerun()


draw()
