"""Trials made from colorizations: everything is held equal but what is compared."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, StudyStatus, TrialKind
from db.models import Caption, Checkpoint, Colorization, Image, Stimulus, Study, Trial
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.store import batches, events, insert_keyed, require
from workbench.studies.randomization import drawn

REFERENCE = "reference"
"""The system's name of the original's own colors."""

FACTORS = ("checkpoint", "settings", "level", "seed")
"""What colorizations of one image may differ in."""


@dataclass(frozen=True)
class Show:
    """A picture that may stand in a trial."""

    system: str
    media_key: str
    colorization_id: int | None
    image_id: int
    caption_id: int | None
    caption_text: str | None
    level: str | None = None
    """The caption's level, where there is one caption."""
    is_answer: bool | None = None
    """Of trials with a known answer: whether it is right to choose it, or to put it first."""


@dataclass(frozen=True)
class Known:
    """Sets with a known answer, their pictures made and kept."""

    practice: tuple[tuple[Show, ...], ...] = ()
    golds: tuple[tuple[Show, ...], ...] = ()
    traps: tuple[tuple[Show, ...], ...] = ()
    warnings: tuple[str, ...] = ()
    """What the study's author should know."""


def study_of(session: Session, study: Study | int) -> Study:
    """The study, given as itself or by its id; raises NotFoundError."""
    if isinstance(study, Study):
        return study
    found = require(session, Study, study)
    if found.entering_at is not None:
        raise NotFoundError(f"There is no study {study} yet: it is being entered.")
    return found


def add_pairs(
    session: Session,
    study: Study | int,
    colorization_ids: Iterable[int],
    *,
    between: Sequence[str] = ("checkpoint", "settings"),
    reference: bool = False,
    author: str = "workbench",
) -> int:
    """Trials of two: every pair that differs in the factors of `between` and in nothing else; return how many are new.

    `between`: of checkpoint, settings, level and seed; empty to compare with the reference only. With `reference` each picture
    also meets its original, where that has color. Pairs that the study has already are not added again.
    Raises ConflictError unless the study is in draft, InvalidInputError where its method is not pair or nothing can be paired.
    """
    study = _in_draft(session, study, (RatingMethod.PAIR,))
    return add_groups(session, study, comparable(session, colorization_ids, between), reference=reference, author=author)


def add_sets(
    session: Session,
    study: Study | int,
    colorization_ids: Iterable[int],
    *,
    between: Sequence[str] = ("checkpoint", "settings"),
    reference: bool = False,
    author: str = "workbench",
) -> int:
    """Trials of all that differ in the factors of `between` and in nothing else; return how many are new.

    For choice and ranking studies a trial shows the whole set, for category studies one picture. Raises as `add_pairs` does.
    """
    study = _in_draft(session, study, (RatingMethod.CHOICE, RatingMethod.RANKING, RatingMethod.CATEGORY))
    return add_groups(session, study, comparable(session, colorization_ids, between), reference=reference, author=author)


def add_groups(session: Session, study: Study, groups: Sequence[Sequence[Show]], *, reference: bool, author: str) -> int:
    """The trials that a study's method makes of groups whose pictures may be compared; return how many are new."""
    existing = _signatures(session, study)
    new = [shown for shown in sets_for(session, study.method, groups, reference=reference) if _signature(shown) not in existing]
    last = session.scalar(select(func.max(Trial.position)).where(Trial.study_id == study.id))
    first, order = 0 if last is None else last + 1, (study.seed, study.name)
    sets = [(TrialKind.REGULAR, shown) for shown in new]
    insert_trials(session, study.id, sets, first, order=order, author=author, batch_id=events.new_batch())
    return len(new)


def sets_for(session: Session, method: RatingMethod, groups: Sequence[Sequence[Show]], *, reference: bool) -> list[tuple[Show, ...]]:
    """What the trials of a method show of groups whose pictures may be compared, each set once; raises InvalidInputError for none."""
    sets = sets_of(method, groups, references(session, groups) if reference else {})
    if not sets:
        raise InvalidInputError(
            "These colorizations give no trial: nothing differs in what is to be compared while all else is equal, "
            "and no reference has color. Choose others, or compare them between other factors."
        )
    by_signature: dict[tuple, tuple[Show, ...]] = {}
    for shown in sets:
        by_signature.setdefault(_signature(shown), shown)
    return list(by_signature.values())


def sets_of(method: RatingMethod, groups: Sequence[Sequence[Show]], originals: Mapping[int, Show]) -> list[tuple[Show, ...]]:
    """What each trial shows: pairs of different systems, whole sets of them, or single pictures."""
    if method is RatingMethod.PAIR:
        pairs = [pair for group in groups for pair in combinations(group, 2) if pair[0].system != pair[1].system]
        return pairs + [(show, originals[show.image_id]) for group in groups for show in group if show.image_id in originals]
    wholes = [[*group, *(originals[image] for image in {show.image_id for show in group} if image in originals)] for group in groups]
    if method is RatingMethod.CATEGORY:
        return [(show,) for group in wholes for show in group]
    sets = [tuple({show.system: show for show in group}.values()) for group in wholes]
    return [shown for shown in sets if len(shown) > 1]


def count_different(sets: Sequence[Sequence[Show]]) -> int:
    """How many trials a new study gets of some sets: equal ones are one."""
    return len({_signature(shown) for shown in sets})


def _in_draft(session: Session, study: Study | int, methods: tuple[RatingMethod, ...]) -> Study:
    study = study_of(session, study)
    if study.status is not StudyStatus.DRAFT:
        raise ConflictError(f'The study "{study.name}" has been opened; its trials are fixed. Create another study for more.')
    if study.method not in methods:
        raise InvalidInputError(f'The study "{study.name}" is a {study.method} study; this makes trials for {", ".join(methods)} studies.')
    return study


def comparable(session: Session, colorization_ids: Iterable[int], between: Sequence[str]) -> list[list[Show]]:
    """Pictures that are equal in image, caption and every factor that is not compared, in groups."""
    unknown = sorted(set(between) - set(FACTORS))
    if unknown:
        raise InvalidInputError(f'Colorizations cannot be compared between "{unknown[0]}"; there are {", ".join(FACTORS)}.')
    groups: dict[tuple, list[Show]] = defaultdict(list)
    for row, checkpoint, level in _rows(session, dict.fromkeys(colorization_ids)):
        factors = {
            "checkpoint": checkpoint,
            "settings": " ".join(f"{name}={value}" for name, value in sorted(row.settings.items())),
            "level": str(level),
            "seed": f"seed={row.seed}",
        }
        described = "level" not in between
        system = " · ".join(value for name, value in factors.items() if name in between and value) or "colorization"
        fixed = [value for name, value in factors.items() if name not in between]
        key = (row.image_id, row.caption_text if described else None, *fixed)
        caption = (row.caption_id, row.caption_text) if described else (None, None)
        groups[key].append(Show(system, row.media_key, row.id, row.image_id, *caption, str(level) if described else None))
    return list(groups.values())


def _rows(session: Session, colorization_ids: Iterable[int]) -> Iterator[tuple[Colorization, str, str]]:
    for ids in batches(colorization_ids):
        rows = session.execute(
            select(Colorization, Checkpoint.name, Caption.level)
            .join(Checkpoint, Checkpoint.id == Colorization.checkpoint_id)
            .join(Caption, Caption.id == Colorization.caption_id)
            .where(Colorization.id.in_(ids))
            .order_by(Colorization.id)
        ).all()
        missing = set(ids) - {row.Colorization.id for row in rows}
        if missing:
            raise NotFoundError(f"There is no colorization {min(missing)}.")
        yield from (tuple(row) for row in rows)


def references(session: Session, groups: Sequence[Sequence[Show]]) -> dict[int, Show]:
    """By image, its original in color; images without color are left out."""
    shown = {show.image_id: show for group in groups for show in group}
    return {
        image_id: Show(REFERENCE, key, None, image_id, shown[image_id].caption_id, shown[image_id].caption_text)
        for ids in batches(shown)
        for image_id, key in session.execute(select(Image.id, Image.upright_key).where(Image.id.in_(ids), Image.has_reference))
    }


def insert_trials(
    session: Session,
    study_id: int,
    sets: Sequence[tuple[TrialKind, Sequence[Show]]],
    first: int,
    *,
    order: tuple[int, str],
    author: str,
    batch_id: str,
) -> None:
    """Trials of a study from the position `first` on. `order`: the study's seed and name, which draw the order of the pictures' ids."""
    rows: list[dict[str, Any]] = [
        {"study_id": study_id, "kind": kind, "position": position}
        | {name: getattr(shown[0], name) for name in ("image_id", "caption_id", "caption_text")}
        for position, (kind, shown) in enumerate(sets, first)
    ]
    ids = insert_keyed(session, Trial.__table__, rows, ("position",))
    stimuli = [
        stimulus for key, row, (_, shown) in zip(ids, rows, sets, strict=True) for stimulus in _stimuli(order, key, row["position"], shown)
    ]
    if stimuli:
        session.execute(insert(Stimulus), stimuli)
    made = ((key, None, {name: row[name] for name in ("study_id", "position", "image_id")}) for key, row in zip(ids, rows, strict=True))
    events.record_many(session, made, actor=author, action="create", subject="trial", batch_id=batch_id)


def _stimuli(order: tuple[int, str], trial_id: int, position: int, shown: Sequence[Show]) -> Iterator[dict[str, Any]]:
    """The pictures of a new trial, in an order drawn for it, so that no id tells which system is which."""
    seed, name = order
    for place in sorted(range(len(shown)), key=lambda place: drawn(seed, "ids", name, position, place)):
        own = {field: getattr(shown[place], field) for field in ("system", "colorization_id", "media_key", "is_answer")}
        yield {"trial_id": trial_id, "position": place} | own


def _signature(shown: Sequence[Show]) -> tuple[frozenset[tuple[str, str]], str | None]:
    return frozenset((show.system, show.media_key) for show in shown), shown[0].caption_text


def _signatures(session: Session, study: Study) -> set[tuple[frozenset[tuple[str, str]], str | None]]:
    rows = session.execute(
        select(Trial.id, Trial.caption_text, Stimulus.system, Stimulus.media_key)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .where(Trial.study_id == study.id)
    )
    shown: dict[tuple[int, str | None], set[tuple[str, str]]] = defaultdict(set)
    for trial_id, caption_text, system, media_key in rows:
        shown[trial_id, caption_text].add((system, media_key))
    return {(frozenset(pictures), caption_text) for (_, caption_text), pictures in shown.items()}
