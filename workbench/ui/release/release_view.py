"""What the Releases page shows of one version: its splits by levels, pictures, the leak gate, its lineage, and what changed."""

from pathlib import Path

import streamlit as st

from db.enums import CaptionLevel, Split, TargetKind
from db.models import Export, Release, ReleaseItem
from workbench import exports, releases
from workbench.releases import ItemChange, Summary
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.shared import crop_comparison, wording

CHANGES = {"added": "+", "removed": "−", "moved": "⇄", "changed": "≠"}
KINDS = {"reference": "originals", "colorization": "accepted colorizations"}
SHOWN, SHOWN_EXPORTS = 12, 3
MOST_CHANGES = 200


def changed(release: Release) -> str:
    """What a version changed, for the column of versions: "+12 −1 ≠3 since 1.0.0"."""
    changes = release.facts.get("changes")
    if not changes:
        return "the first version"
    counted = " ".join(f"{glyph}{changes[name]:,}" for name, glyph in CHANGES.items() if changes[name])
    return f"{counted or 'other groups'} since {changes['since']}"


def splits(release: Release, summary: Summary) -> None:
    """Items by split and level, with the shares that were reached and asked for."""
    shares = release.rules["shares"]
    rows = []
    for split in Split:
        number = sum(summary.by_split[split].values())
        levels = {wording.level(level): summary.by_split[split][level] for level in CaptionLevel}
        share = f"{number / summary.items:.1%}" if summary.items else "–"
        rows.append({"split": split.value} | levels | {"items": number, "share": share, "asked for": f"{shares[split]:.0%}"})
    st.dataframe(rows, hide_index=True)


def exported(release: Release) -> None:
    """The newest exports of the release: the format, how much it is, and the folder, its full path as help."""
    with context.reading() as session:
        written = exports.listing(session, release.id)
    for one in [one for one in written if not _of_training(one)][:SHOWN_EXPORTS]:
        size = f"{wording.count(one.files, 'file')}, {one.bytes / 1e6:,.1f} MB"
        told = f"Exported as {one.format} {wording.ago(one.created_at)}, {size}: `{_folder(one)}`"
        st.caption(told, help=f"`{one.location}`")


def _of_training(export: Export) -> bool:
    """Whether a training wrote it for itself to read (`trainings/KEY/release` of a store, wherever the store lay then)."""
    *_, trainings, _key, name = ("", "", *Path(export.location).parts)
    return (trainings, name) == (context.settings().trainings.name, "release")


def _folder(export: Export) -> str:
    """Where it lies: beside the store's folder as seen from there, else the full path."""
    around = context.settings().home.parent
    folder = Path(export.location)
    return str(folder.relative_to(around)) if folder.is_relative_to(around) else export.location


def pictures(release: Release) -> None:
    """A few items of a split: lightness, with the color target under the pointer, level and masks."""
    split = st.segmented_control("Items of", [split.value for split in Split], default="train", required=True, key=f"items-{release.id}")
    with context.reading() as session:
        items = releases.items(session, release.id, split, limit=SHOWN)
    if not items:
        st.caption(f"No item lies in {split}.")
        return
    tiles = [
        Tile(
            item.id,
            thumb_url(item.source_key, "gray", 256),
            thumb_url(item.color_key, "color", 256),
            title=f"{item.caption_text}\n{target(item)}",
            marks=wording.LEVEL_GLYPHS[item.level],
            note=_note(item),
        )
        for item in items
    ]
    gallery(tiles, key=f"pictures-{release.id}-{split}", columns=6, selectable=False)
    st.caption("Gray is what the model gets. Move the pointer over a picture, or hold G, to see the colors it should learn.")


def _note(item: ReleaseItem) -> str:
    color = "original" if item.target is TargetKind.REFERENCE else target(item)
    return f"{color} · {wording.count(len(item.regions), 'mask')}" if item.regions else color


def target(item: ReleaseItem) -> str:
    """Where an item's color comes from: "best of 3, won 80% of 5 votes"."""
    if item.target is TargetKind.REFERENCE:
        return "the original's colors"
    choice = item.choice or {}
    if not choice:
        return "an accepted colorization"
    votes = f", won {wording.share(choice['wins'] / choice['votes'])} of {choice['votes']:,}" if choice["votes"] else ""
    return f"best of {choice['among']:,}{votes}"


def gate(release: Release) -> None:
    """What the gate against leaks has looked at; a release that would leak does not exist."""
    gate_facts = release.facts.get("gate")
    if gate_facts is None:
        return
    foreign = ", ".join(f"{kept['name']} ({kept['images']:,})" for kept in release.rules.get("foreign", []))
    kept_out = f"; {wording.count(gate_facts['kept_out'], 'image')} kept out" if foreign else ""
    pairs, sources = wording.count(gate_facts["pairs"], "pair"), wording.count(gate_facts["sources"], "scene source")
    st.markdown(
        f"✓ **Leak gate** · {pairs} of near duplicates and {sources} among {wording.count(gate_facts['images'], 'image')}, "
        "none across splits · "
        f"benchmark lists: {wording.plain(foreign) if foreign else 'none was given'}{kept_out}"
    )
    if gate_facts.get("uncompared"):
        with st.container(horizontal=True, vertical_alignment="center"):
            named = wording.count(gate_facts["uncompared"], "image")
            st.caption(f"{named} in it were imported before crops were looked for: look for crops, then create it again.")
            crop_comparison.button(f"crops-{release.id}")


def lineage(release: Release) -> None:
    """Runs, checkpoints, studies, raters by pseudonym, and rules that the release stands on."""
    lineage_facts = release.facts.get("lineage")
    if not lineage_facts:
        st.caption("This version was frozen before lineage was kept.")
        return
    people = lineage_facts["people"]
    said = (
        f"{wording.count(people['curators'], 'curator')} gave {wording.count(people['verdicts'], 'verdict')}, {people['settled']:,} settled"
    )
    st.caption(f"Of the colorizations used: {said}.")
    for title, names, rows in (
        ("Sources", ("source", "images"), [{"source": name, "images": number} for name, number in lineage_facts["sources"].items()]),
        ("Runs", ("id", "job", "made", "things"), [{**row, "job": wording.job(row["job"])} for row in lineage_facts["runs"]]),
        ("Checkpoints", ("name", "items", "digest"), [{**row, "digest": row["digest"][:12]} for row in lineage_facts["checkpoints"]]),
        ("Studies", ("name", "method", "votes"), lineage_facts["studies"]),
        ("Raters", ("rater", "votes", "simulated"), lineage_facts["raters"]),
        ("Rules", ("name", "verdicts"), lineage_facts["rules"]),
    ):
        if rows:
            st.caption(f"**{title}**")
            st.dataframe([{name: row[name] for name in names} for row in rows], hide_index=True)
    for row in lineage_facts["rules"]:
        if row["rules"]:
            st.json(row["rules"], expanded=False)


def difference(release: Release, others: list[Release]) -> None:
    """How the version differs from another one, item by item."""
    choices = {other.id: f"{other.name} {other.version}" for other in others if other.id != release.id}
    before = st.selectbox("Compared with", choices, format_func=choices.__getitem__, key=f"compared-{release.id}")
    with context.reading() as session:
        item_changes = releases.diff(session, before, release.id)
    if not item_changes:
        st.caption("They contain the same items.")
    for name, glyph in CHANGES.items():
        changes = getattr(item_changes, name)
        if changes:
            st.caption(f"{wording.plain(glyph)} {name}: {len(changes):,}")
            st.dataframe([_row(change) for change in changes[:MOST_CHANGES]], hide_index=True)


def _row(change: ItemChange) -> dict[str, str]:
    what = ", ".join(f"{name}: {was} → {now}" for name, (was, now) in change.what.items())
    return {"image": change.file_name, "caption": change.caption_text} | ({"what": what} if what else {})


def older(release: Release, others: list[Release]) -> list[Release]:
    """The other versions, the one before this and of the same name first."""
    return sorted(
        (other for other in others if other.id != release.id),
        key=lambda other: (other.name != release.name, other.id > release.id, -other.id),
    )


def frozen(release: Release) -> str:
    """The manifest by its hash and its file."""
    return f"Manifest `{release.manifest_hash}`: one line of JSON an item, kept in the media store as `{releases.manifest_key(release)}`."
