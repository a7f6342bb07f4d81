"""Preferences as files: pairs of a better and a worse picture, for training by them.

    SPLIT/winners/metadata.jsonl  SPLIT/winners/000000.png …   the preferred pictures, a data set of its own
    SPLIT/losers/metadata.jsonl   SPLIT/losers/000000.png …    the others; a row and a file of the same number are a pair
    SPLIT/pairs.jsonl             the pairs in the columns of Pick-a-Pic (Kirstain et al. 2023), with their votes, and the adherence of both

`adherence_0` and `adherence_1` are null where they were not measured in masks that can say it (`reviews.trusted`); `adherence_0_masks` and
`adherence_1_masks` say whose masks those were (`reviews.Basis`).

SPLIT is that of the pair's photo in a release, train or validation; photos of its test split and photos that it does not have are left
out, so that what is tested on was never trained on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.enums import Split, Verdict
from db.models import Caption, Colorization, Mention, MentionColor, ReleaseItem, Review
from workbench.errors import InvalidInputError
from workbench.exports.atomic_folder import ExportFolder, atomic_folder, to_json
from workbench.exports.items import NOT_MEASURED
from workbench.rating.preference_pairs import PreferencePair, preference_pairs
from workbench.regions import grounded_regions
from workbench.reviews import Measured, trusted
from workbench.reviews.verdicts import accepted
from workbench.store import MediaStore, batches

SPLITS = (Split.TRAIN, Split.VALIDATION)


@dataclass(frozen=True)
class SplitPairs:
    """The pairs of each split, and how many were left out for the sake of their photo."""

    by_split: dict[Split, list[PreferencePair]]
    left_out: int


def pairs_of_release(session: Session, release_id: int, *, simulated: bool = True) -> SplitPairs:
    """What votes and verdicts prefer, by the split that a release gave the photos; without `simulated` by people's votes alone."""
    of_images = select(ReleaseItem.image_id, ReleaseItem.split).where(ReleaseItem.release_id == release_id).distinct()
    placed = dict(session.execute(of_images).all())
    pairs = [*preference_pairs(session, simulated=simulated), *_by_verdict(session)]
    by_split = {split: [pair for pair in pairs if placed.get(pair.image_id) == split] for split in SPLITS}
    return SplitPairs(by_split, len(pairs) - sum(map(len, by_split.values())))


def _by_verdict(session: Session) -> list[PreferencePair]:
    """Accepted colorizations beside rejected ones of the same image and caption, each pair as one vote."""
    good, bad = aliased(Colorization), aliased(Colorization)
    accepted_ids = select(Colorization.id).where(accepted())
    rejected_ids = select(Review.colorization_id).where(Review.verdict == Verdict.REJECT)
    rows = session.execute(
        select(good.image_id, good.caption_id, good.caption_text, good.media_key, bad.media_key)
        .join(bad, (bad.image_id == good.image_id) & (bad.caption_text == good.caption_text))
        .where(good.id.in_(accepted_ids), bad.id.in_(rejected_ids), bad.id.not_in(accepted_ids), good.media_key != bad.media_key)
        .order_by(good.id, bad.id)
    )
    return [PreferencePair(image, caption, text, winner, loser, 1, 1.0) for image, caption, text, winner, loser in rows]


def require(pairs: SplitPairs) -> None:
    """Raise InvalidInputError where there is nothing to learn from, or nothing to be validated on."""
    empty = [split.value for split in SPLITS if not pairs.by_split[split]]
    if empty:
        raise InvalidInputError(
            f"There are no preferences for the {' and '.join(empty)} photos of this release. They come from votes in studies, and from "
            "accepted beside rejected colorizations of one caption: collect some, or release more photos."
        )


def write_pairs(session: Session, media: MediaStore, pairs: SplitPairs, folder: Path) -> None:
    """Write the pairs; the folder appears when everything is in it.

    Raises InvalidInputError where a split has none, ConflictError where something else is in the folder.
    """
    require(pairs)
    with atomic_folder(folder, media) as files:
        for split in SPLITS:
            _write_split(session, files, split, pairs.by_split[split])


def _write_split(session: Session, files: ExportFolder, split: Split, pairs: Sequence[PreferencePair]) -> None:
    regions = _regions(session, {pair.caption_id for pair in pairs if pair.caption_id is not None})
    rows: dict[str, list[dict[str, Any]]] = {"winners": [], "losers": []}
    for number, pair in enumerate(pairs):
        for side, key in (("winners", pair.winner_key), ("losers", pair.loser_key)):
            name = f"{number:06}{Path(key).suffix}"
            files.copy(key, f"{split}/{side}/{name}")
            of_caption = regions.get(pair.caption_id, []) if pair.caption_id is not None else []
            rows[side].append({"color_file_name": name, "caption": pair.caption_text, "level": "", "regions": to_json(of_caption)})
    for side, of_side in rows.items():
        files.write(f"{split}/{side}/metadata.jsonl", "".join(to_json(row) + "\n" for row in of_side))
    known = _adherence(session, {key for pair in pairs for key in (pair.winner_key, pair.loser_key)})
    names = zip(*([row["color_file_name"] for row in of_side] for of_side in rows.values()), strict=True)
    lines = [_pick_a_pic(pair, *both) | _both(pair, known) for pair, both in zip(pairs, names, strict=True)]
    files.write(f"{split}/pairs.jsonl", "".join(to_json(line) + "\n" for line in lines))


def _pick_a_pic(pair: PreferencePair, winner: str, loser: str) -> dict[str, Any]:
    """A pair in Pick-a-Pic's columns: label_0 is the part of the votes for image_0."""
    share = pair.won / pair.votes
    uids = [Path(key).stem for key in (pair.winner_key, pair.loser_key)]
    return {
        "caption": pair.caption_text,
        "image_0": f"winners/{winner}", "image_1": f"losers/{loser}", "image_0_uid": uids[0], "image_1_uid": uids[1],
        "best_image_uid": uids[0], "label_0": share, "label_1": 1 - share, "has_label": True, "are_different": True,
        "votes": pair.votes, "certainty": pair.certainty,
    }  # fmt: skip


def _adherence(session: Session, media_keys: set[str]) -> dict[str, Measured]:
    """By picture its adherence and the masks that say it; pictures that are no colorizations of the store have none."""
    known: dict[str, Measured] = {}
    for some in batches(sorted(media_keys)):
        for row in session.scalars(select(Colorization).where(Colorization.media_key.in_(some)).order_by(Colorization.id)):
            known.setdefault(row.media_key, trusted(row))
    return known


def _both(pair: PreferencePair, known: Mapping[str, Measured]) -> dict[str, Any]:
    """The adherence of both pictures of a pair."""
    sides = [known.get(key, Measured(None, None)) for key in (pair.winner_key, pair.loser_key)]
    values = {f"adherence_{side}": one.value for side, one in enumerate(sides)}
    return values | {f"adherence_{side}_masks": one.basis or NOT_MEASURED for side, one in enumerate(sides)}


def _regions(session: Session, caption_ids: set[int]) -> dict[int, list[dict[str, Any]]]:
    """The grounded phrases of captions, as a release's items have them."""
    texts = dict(session.execute(select(Caption.id, Caption.text).where(Caption.id.in_(caption_ids))).all())
    colors: dict[tuple[int, int, int], list[str]] = {}
    said = select(Mention.caption_id, Mention.start, Mention.end, MentionColor.color).join(
        MentionColor, MentionColor.mention_id == Mention.id
    )
    for caption_id, start, end, color in session.execute(said.where(Mention.caption_id.in_(caption_ids)).order_by(MentionColor.position)):
        colors.setdefault((caption_id, start, end), []).append(color)
    return {
        caption_id: [
            {"phrase": texts[caption_id][slice(*span)], "start": span[0], "end": span[1], "mask": mask}
            | {"colors": colors.get((caption_id, *span), [])}
            for span, mask in grounded
        ]
        for caption_id, grounded in grounded_regions(session, sorted(caption_ids)).items()
    }
