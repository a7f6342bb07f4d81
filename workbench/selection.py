"""What goes into a release: every image and caption either becomes an item or is left out with a reason."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Split, TargetKind
from db.models import Caption, Colorization, Grounding, Image, Mention, MentionColor, Region
from workbench.batches import batches
from workbench.errors import InvalidInputError
from workbench.intervals import wilson_interval
from workbench.query import parse
from workbench.search import ids_of_images
from workbench.splits import SHARES
from workbench.tallies import Tally, by_colorization
from workbench.verdicts import accepted

__all__ = ["TARGETS", "Candidate", "Exclusion", "Rules", "Selection", "select_items"]

TARGETS = ("reference_first", "reference", "colorization")
"""The color target: the original's own colors, else the best accepted colorization; or only the one; or only the other.

That is in training. What a model is measured against, in validation and test, is always an original's own colors: a target that the
base itself painted would call every change a loss.
"""

STATUS_REASONS = {
    CaptionStatus.PROPOSED: "the description is a proposal that nobody has accepted",
    CaptionStatus.DROPPED: "a curator dropped the description",
}


@dataclass(frozen=True)
class Rules:
    """How a release is chosen; all of it is kept with the release."""

    query: str = ""
    """Which images take part; empty: all."""
    levels: tuple[str, ...] = tuple(CaptionLevel)
    target: str = "reference_first"
    simulated_votes: bool = False
    """Whether simulated raters' votes help to choose the best colorization."""
    shares: Mapping[str, float] = field(default_factory=lambda: {split.value: share for split, share in SHARES.items()})
    seed: int = 0
    """Orders groups of equal size."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Rules":
        """Rules from a mapping; parts left out take their defaults. Raises InvalidInputError that names what is wrong."""
        if not isinstance(given, Mapping):
            raise InvalidInputError(f"Release rules are a mapping of their parts; got {given!r}.")
        known = {part.name for part in fields(cls)}
        unknown = set(given) - known
        if unknown:
            raise InvalidInputError(f'Release rules have no part "{min(unknown)}"; they have {", ".join(sorted(known))}.')
        rules = cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
        if not isinstance(rules.levels, tuple) or not rules.levels or any(level not in list(CaptionLevel) for level in rules.levels):
            raise InvalidInputError(f"Levels are a list of {', '.join(CaptionLevel)}; got {given['levels']!r}.")
        if rules.target not in TARGETS:
            raise InvalidInputError(f'There is no target "{rules.target}"; there are {", ".join(TARGETS)}.')
        if not isinstance(rules.simulated_votes, bool):
            raise InvalidInputError(f"`simulated_votes` is true or false; got {rules.simulated_votes!r}.")
        if not isinstance(rules.seed, int) or not isinstance(rules.query, str):
            raise InvalidInputError(f"`seed` is a whole number and `query` a text; got {rules.seed!r} and {rules.query!r}.")
        if not _are_shares(rules.shares):
            raise InvalidInputError(f"`shares` gives train, validation and test a number each; got {rules.shares!r}.")
        parse(rules.query)
        return rules

    def as_json(self) -> dict[str, Any]:
        """The rules as the store keeps them."""
        return {
            "query": self.query,
            "levels": [level.value for level in CaptionLevel if level in self.levels],
            "target": self.target,
            "simulated_votes": self.simulated_votes,
            "shares": {split.value: self.shares[split] for split in Split},
            "seed": self.seed,
        }


def _are_shares(given: Any) -> bool:
    if not isinstance(given, Mapping) or set(given) != set(Split):
        return False
    return all(isinstance(share, int | float) and not isinstance(share, bool) for share in given.values())


@dataclass(frozen=True)
class Candidate:
    """An item without its split: image, caption, color target in training and the regions of its grounded mentions."""

    image: Image
    caption: Caption
    target: TargetKind
    colorization_key: str | None
    color_key: str
    regions: list[dict[str, Any]]

    def measured(self) -> "Candidate":
        """The item as it stands in validation or test, its target the original's own colors, which the image must have."""
        return replace(self, target=TargetKind.REFERENCE, colorization_key=None, color_key=self.image.upright_key)


@dataclass(frozen=True)
class Exclusion:
    """What is left out, and why; without a caption it is the whole image."""

    image_sha256: str
    reason: str
    caption_text: str = ""


@dataclass
class Selection:
    """What became of everything in the store."""

    candidates: list[Candidate] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)


def select_items(session: Session, rules: Rules) -> Selection:
    """All items that the rules allow, and a reason for every image and caption that they leave out, in the order of image ids."""
    selection = Selection()
    asked = set(session.scalars(ids_of_images(session, parse(rules.query))))
    for image_ids in batches(session.scalars(select(Image.id).order_by(Image.id)).all()):
        _select_from(session, rules, image_ids, asked, selection)
    return selection


def _select_from(session: Session, rules: Rules, image_ids: list[int], asked: set[int], selection: Selection) -> None:
    captions: dict[int, list[Caption]] = defaultdict(list)
    wanted = [image_id for image_id in image_ids if image_id in asked]
    for caption in session.scalars(select(Caption).where(Caption.image_id.in_(wanted)).order_by(Caption.id)):
        captions[caption.image_id].append(caption)
    usable = [caption for group in captions.values() for caption in group if _caption_reason(caption, rules) is None]
    best = {} if rules.target == "reference" else _best_colorizations(session, usable, rules.simulated_votes)
    regions = _regions(session, [caption.id for caption in usable])
    for image in session.scalars(select(Image).where(Image.id.in_(image_ids)).order_by(Image.id)):
        reason = _image_reason(image, captions.get(image.id), rules, image.id in asked)
        if reason is not None:
            selection.exclusions.append(Exclusion(image.sha256, reason))
            continue
        for caption in captions[image.id]:
            found = _caption_reason(caption, rules) or _target(image, best.get(caption.id), rules)
            if isinstance(found, str):
                selection.exclusions.append(Exclusion(image.sha256, found, caption.text))
            else:
                selection.candidates.append(Candidate(image, caption, *found, regions.get(caption.id, [])))


def _image_reason(image: Image, captions: list[Caption] | None, rules: Rules, is_asked: bool) -> str | None:
    if not is_asked:
        return f"the release's query does not ask for it: {rules.query}"
    if not captions:
        return "it has no description"
    if rules.target == "reference" and not image.has_reference:
        return "the original is gray, and only references are targets here"
    return None


def _caption_reason(caption: Caption, rules: Rules) -> str | None:
    if caption.status in STATUS_REASONS:
        return STATUS_REASONS[caption.status]
    if caption.level not in rules.levels:
        return f"descriptions of the level {caption.level} take no part"
    return None


def _target(image: Image, best: Colorization | None, rules: Rules) -> tuple[TargetKind, str | None, str] | str:
    """(kind, colorization key, media key) of the color target, or the reason why there is none."""
    if image.has_reference and rules.target != "colorization":
        return TargetKind.REFERENCE, None, image.upright_key
    if best is not None:
        return TargetKind.COLORIZATION, best.key, best.media_key
    if rules.target == "colorization":
        return "no colorization for this description is accepted"
    return "the original is gray, and no colorization for this description is accepted"


def _best_colorizations(session: Session, captions: Sequence[Caption], simulated: bool) -> dict[int, Colorization]:
    """By caption the accepted colorization with the best votes.

    Best is the highest lower bound of the win rate's interval, so that many votes beat few; then the mean score, the adherence, and
    the earliest. Colorizations of an earlier wording do not count.
    """
    found: dict[int, list[Colorization]] = defaultdict(list)
    texts = {caption.id: caption.text for caption in captions}
    for ids in batches(texts):
        rows = session.scalars(select(Colorization).where(Colorization.caption_id.in_(ids), accepted()).order_by(Colorization.id))
        for row in rows:
            if row.caption_text == texts[row.caption_id]:
                found[row.caption_id].append(row)
    tallies = by_colorization(session, [row.id for rows in found.values() for row in rows], simulated=simulated)
    return {caption_id: max(rows, key=lambda row: _merit(row, tallies.get(row.id, Tally()))) for caption_id, rows in found.items()}


def _merit(row: Colorization, tally: Tally) -> tuple[float, float, float, int]:
    low, _ = wilson_interval(tally.wins, tally.votes)
    return low, tally.mean_score or 0.0, -1.0 if row.adherence is None else row.adherence, -row.id


def _regions(session: Session, caption_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """By caption its grounded mentions: {phrase, start, end, object, colors, mask}, one entry for each instance."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for ids in batches(caption_ids):
        colors: dict[int, list[str]] = defaultdict(list)
        given = select(MentionColor).join(Mention, Mention.id == MentionColor.mention_id).where(Mention.caption_id.in_(ids))
        for color in session.scalars(given.order_by(MentionColor.mention_id, MentionColor.position, MentionColor.color)):
            colors[color.mention_id].append(color.color)
        rows = session.execute(
            select(Mention, Caption.text, Region.mask)
            .join(Caption, Caption.id == Mention.caption_id)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Mention.caption_id.in_(ids))
            .order_by(Mention.caption_id, Mention.start, Mention.end, Region.mask_hash)
        )
        for mention, text, mask in rows:
            found[mention.caption_id].append(
                {
                    "phrase": text[mention.start : mention.end],
                    "start": mention.start,
                    "end": mention.end,
                    "object": mention.object,
                    "colors": colors.get(mention.id, []),
                    "mask": mask,
                }
            )
    return found
