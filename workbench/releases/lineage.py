"""Where a release comes from: runs, checkpoints, studies and raters (by pseudonym), rules, and how many people judged."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.enums import ReviewKind
from db.models import (
    Caption,
    Checkpoint,
    Colorization,
    Event,
    Grounding,
    Image,
    Mention,
    Rater,
    Rating,
    Region,
    ReleaseItem,
    Review,
    Run,
    Stimulus,
    Study,
    Trial,
)


def trace(session: Session, release_id: int) -> dict[str, Any]:
    """The lineage of a release as it stands now, ready for JSON:

    sources      {source: images}
    runs         [{id, job, made, things}]: what made the images, captions, masks and colorizations in it, and how many of them
    checkpoints  [{name, digest, items}] of the colorizations that are targets
    studies      [{name, method, votes}], raters [{rater, simulated, votes}]: of the votes on these colorizations
    rules        [{name, verdicts, rules}], people {curators, verdicts, settled}: of the verdicts on them
    """
    return {
        "sources": _sources(session, release_id),
        "runs": list(_runs(session, release_id)),
        "checkpoints": _rows(session, _checkpoints(release_id), "name", "digest", "items"),
        "studies": _rows(session, _votes(release_id, Study.name, Study.method), "name", "method", "votes"),
        "raters": _rows(session, _votes(release_id, Rater.pseudonym, Rater.simulated), "rater", "simulated", "votes"),
        "rules": list(_rules(session, release_id)),
        "people": _people(session, release_id),
    }


def _targets(release_id: int) -> Select:
    """The colorizations that are targets."""
    keys = select(ReleaseItem.colorization_key).where(ReleaseItem.release_id == release_id, ReleaseItem.colorization_key.is_not(None))
    return select(Colorization.id).where(Colorization.key.in_(keys))


def _rows(session: Session, statement: Select, *names: str) -> list[dict[str, Any]]:
    return [dict(zip(names, (getattr(value, "value", value) for value in row), strict=True)) for row in session.execute(statement)]


def _sources(session: Session, release_id: int) -> dict[str, int]:
    images = select(ReleaseItem.image_id).where(ReleaseItem.release_id == release_id)
    counted = select(Image.source, func.count()).where(Image.id.in_(images)).group_by(Image.source).order_by(Image.source)
    return dict(session.execute(counted).all())


def _runs(session: Session, release_id: int) -> Iterator[dict[str, Any]]:
    of_release = ReleaseItem.release_id == release_id
    images = select(ReleaseItem.image_id).where(of_release)
    captions = select(ReleaseItem.caption_id).where(of_release)
    regions = select(Grounding.region_id).join(Mention, Mention.id == Grounding.mention_id).where(Mention.caption_id.in_(captions))
    made = {
        "images": select(Image.run_id).where(Image.id.in_(images)),
        "captions": select(Caption.run_id).where(Caption.id.in_(captions)),
        "masks": select(Region.run_id).where(Region.id.in_(regions)),
        "colorizations": select(Colorization.run_id).where(Colorization.id.in_(_targets(release_id))),
    }
    for name, ids in made.items():
        things = ids.subquery()
        counted = select(Run.id, Run.job, func.count()).join_from(Run, things, Run.id == things.c.run_id)
        counted = counted.group_by(Run.id, Run.job).order_by(Run.id)
        for key, job, number in session.execute(counted):
            yield {"id": key, "job": job, "made": name, "things": number}


def _checkpoints(release_id: int) -> Select:
    columns = (Checkpoint.name, Checkpoint.digest)
    counted = select(*columns, func.count(ReleaseItem.id)).join(Colorization, Colorization.checkpoint_id == Checkpoint.id)
    counted = counted.join(ReleaseItem, ReleaseItem.colorization_key == Colorization.key).where(ReleaseItem.release_id == release_id)
    return counted.group_by(*columns).order_by(Checkpoint.name)


def _votes(release_id: int, *columns: Any) -> Select:
    counted = select(*columns, func.count(Rating.id.distinct())).select_from(Stimulus).join(Trial, Trial.id == Stimulus.trial_id)
    counted = counted.join(Study, Study.id == Trial.study_id).join(Rating, Rating.trial_id == Trial.id)
    counted = counted.join(Rater, Rater.id == Rating.rater_id).where(Stimulus.colorization_id.in_(_targets(release_id)))
    return counted.group_by(*columns).order_by(columns[0])


def _rules(session: Session, release_id: int) -> Iterator[dict[str, Any]]:
    """Rules by name, each with its wording in the run that applied it last."""
    statement = select(Review.reviewer, func.count(), func.max(Review.batch_id)).where(Review.colorization_id.in_(_targets(release_id)))
    for reviewer, number, batch_id in session.execute(
        statement.where(Review.kind == ReviewKind.RULE).group_by(Review.reviewer).order_by(Review.reviewer)
    ):
        applied = select(Run.parameters).join(Event, Event.run_id == Run.id).where(Event.batch_id == batch_id).limit(1)
        worded = session.scalar(applied) or {}
        yield {"name": reviewer, "verdicts": number, "rules": worded.get("rules")}


def _people(session: Session, release_id: int) -> dict[str, int]:
    statement = select(Review.reviewer, Review.kind, func.count()).where(Review.colorization_id.in_(_targets(release_id)))
    rows = session.execute(statement.where(Review.kind != ReviewKind.RULE).group_by(Review.reviewer, Review.kind)).all()
    number = {kind: sum(count for _, of_kind, count in rows if of_kind is kind) for kind in (ReviewKind.PERSON, ReviewKind.FINAL)}
    curators = {name for name, *_ in rows}
    return {"curators": len(curators), "verdicts": number[ReviewKind.PERSON], "settled": number[ReviewKind.FINAL]}
