"""What the store knows about how a release came to be: sources, who wrote and drew, raters and how far they agree.

Told as it was when the release was frozen: what came later has no part in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session

from db.enums import RatingMethod, ReviewKind, Verdict
from db.models import (
    Caption,
    Checkpoint,
    Colorization,
    Grounding,
    Image,
    Mention,
    Rater,
    Rating,
    RatingValue,
    Region,
    Release,
    ReleaseItem,
    Review,
    Stimulus,
    Study,
    Trial,
)  # fmt: skip
from workbench.analysis.agreement import krippendorff_alpha
from workbench.colorizations.asked_colors import pins_in_words
from workbench.images import SCENE_SOURCE
from workbench.rating.responses import RANK
from workbench.studies.counted_votes import counted_votes


@dataclass(frozen=True)
class StudyStory:
    """A study with votes on the release's images."""

    name: str
    question: str
    method: RatingMethod
    votes_per_trial: int
    raters: int
    simulated_raters: int
    votes: int
    alpha: float | None
    """Krippendorff's alpha over the counted votes; None where it is undefined."""


@dataclass(frozen=True)
class Story:
    """Counts by name, the most frequent first; moments in UTC."""

    images: int
    composed: int
    """Images put together from parts of others."""
    sources: dict[str, int]
    licenses: dict[str, int]
    authors: int
    """How many people and institutions are named as those who made the pictures."""
    text_origins: dict[str, int]
    level_origins: dict[str, int]
    region_origins: dict[str, int]
    checkpoints: dict[str, int]
    """Checkpoints that made the color targets that are colorizations."""
    pinned: int
    """How many of those targets have colors that a person pinned, or a palette, beside what their descriptions say."""
    reviewers: int
    """People who gave verdicts on those targets."""
    review_rules: list[str]
    studies: list[StudyStory]
    first: datetime | None
    last: datetime | None
    """When the earliest and the latest of the images and captions came."""


def published_author(release: Release) -> str:
    """Who froze a release, as files for everybody name them: an address with which somebody signs in is told to nobody."""
    return f"the curators of {release.name}" if "@" in release.author else release.author


def tell(session: Session, release: Release) -> Story:
    """The story of a release."""
    of_release = ReleaseItem.release_id == release.id
    image_ids = select(ReleaseItem.image_id).where(of_release)
    caption_ids = select(ReleaseItem.caption_id).where(of_release)
    targets = select(Colorization.id).join(ReleaseItem, ReleaseItem.colorization_key == Colorization.key).where(of_release)
    facts = (
        select(Review.kind, Review.reviewer)
        .distinct()
        .where(Review.colorization_id.in_(targets), Review.verdict == Verdict.ACCEPT, Review.created_at <= release.created_at)
    )
    reviewers = session.execute(facts.order_by(Review.reviewer)).all()
    people = {name for kind, name in reviewers if kind is not ReviewKind.RULE}
    rules = [name for kind, name in reviewers if kind is ReviewKind.RULE]
    drawn = select(Region.id).join(Grounding).join(Mention, Mention.id == Grounding.mention_id).where(Mention.caption_id.in_(caption_ids))
    moments = [
        session.execute(select(func.min(model.created_at), func.max(model.created_at)).where(model.id.in_(ids))).one()
        for model, ids in ((Image, image_ids), (Caption, caption_ids))
    ]
    known = sorted(moment for pair in moments for moment in pair if moment is not None)
    credited = _credits(session, release.id)
    attributes = session.scalars(select(Image.attributes).where(Image.id.in_(image_ids)))
    return Story(
        images=session.execute(select(func.count(ReleaseItem.image_sha256.distinct())).where(of_release)).scalar_one(),
        composed=sum(1 for row in attributes if row.get(SCENE_SOURCE)),
        sources=_by_count(credit.get("source") for credit in credited),
        licenses=_by_count(credit.get("license") for credit in credited),
        authors=len({credit["author"] for credit in credited if credit.get("author")}),
        text_origins=_counted(session, _origins(Caption.text_origin, Caption.id.in_(caption_ids))),
        level_origins=_counted(session, _origins(Caption.level_origin, Caption.id.in_(caption_ids))),
        region_origins=_counted(session, _origins(Region.origin, Region.id.in_(drawn))),
        checkpoints=_counted(
            session,
            select(Checkpoint.name, func.count()).join(Colorization).where(Colorization.id.in_(targets)).group_by(Checkpoint.name),
        ),
        pinned=sum(bool(pins_in_words(row)) for row in session.scalars(select(Colorization.settings).where(Colorization.id.in_(targets)))),
        reviewers=len(people),
        review_rules=rules,
        studies=list(_studies(session, release, image_ids)),
        first=known[0] if known else None,
        last=known[-1] if known else None,
    )


def _origins(column, condition) -> Select:
    return select(column, func.count()).where(condition).group_by(column)


def _counted(session: Session, counted: Select) -> dict[str, int]:
    return _by_count(name for name, count in session.execute(counted) for _ in range(count))


def _by_count(names: Iterable[object]) -> dict[str, int]:
    counts = Counter("not stated" if name is None else str(name) for name in names)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _credits(session: Session, release_id: int) -> list[dict[str, Any]]:
    """Where each image of a release is from: as it was frozen, in releases from before that was kept as the store has it now."""
    own = (ReleaseItem.image_sha256, ReleaseItem.origins, Image.source, Image.license, Image.author)
    rows = select(*own).outerjoin(Image, Image.id == ReleaseItem.image_id).where(ReleaseItem.release_id == release_id)
    by_name: dict[str, dict[str, Any]] = {}
    for sha256, origins, source, license_name, author in session.execute(rows):
        now_known = {"source": source, "license": license_name, "author": author}
        by_name.setdefault(sha256, origins if origins is not None else now_known)
    return list(by_name.values())


def _studies(session: Session, release: Release, image_ids: Select) -> Iterator[StudyStory]:
    statement = select(Trial.study_id).where(Trial.image_id.in_(image_ids))
    for study in session.scalars(select(Study).where(Study.id.in_(statement)).order_by(Study.id)):
        counted = counted_votes(study.id).where(Rating.rated_at <= release.created_at)
        raters = counted.join(Rater, Rater.id == Rating.rater_id).with_only_columns(Rater.simulated, func.count(Rater.id.distinct()))
        by_kind = {bool(simulated): count for simulated, count in session.execute(raters.group_by(Rater.simulated))}
        votes = session.scalar(counted.with_only_columns(func.count(Rating.id)))
        if votes:
            alpha = _alpha(session, study, counted)
            people, simulated = by_kind.get(False, 0), by_kind.get(True, 0)
            yield StudyStory(study.name, study.question, study.method, study.votes_per_trial, people, simulated, votes, alpha)


def _alpha(session: Session, study: Study, counted: Select) -> float | None:
    """Agreement as the study's results measure it: nominal for choices, ordinal for ranks and scales."""
    if study.method in (RatingMethod.PAIR, RatingMethod.CHOICE):
        units: dict[object, list] = {}
        chosen = counted.outerjoin(Stimulus, Stimulus.id == Rating.stimulus_id).with_only_columns(Rating.trial_id, Stimulus.system)
        for trial_id, system in session.execute(chosen):
            units.setdefault(trial_id, []).append(system or "tie")
        return krippendorff_alpha(units.values())
    own = RatingValue.scale == RANK if study.method is RatingMethod.RANKING else true()
    values = counted.join(RatingValue, (RatingValue.rating_id == Rating.id) & own)
    units = {}
    columns = (RatingValue.stimulus_id, RatingValue.scale, RatingValue.value)
    for stimulus_id, scale, value in session.execute(values.with_only_columns(*columns)):
        units.setdefault((stimulus_id, scale), []).append(value)
    return krippendorff_alpha(units.values(), "ordinal")


def distribution(counts: dict[str, int]) -> str:
    """Counts as words: "12 human, 3 rule"."""
    return ", ".join(f"{count:,} {name}" for name, count in Counter(counts).most_common()) or "none"
