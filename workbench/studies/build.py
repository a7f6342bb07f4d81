"""From a design to a study in draft: its trials, and those with a known answer that watch over them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, RatingMethod, TrialKind
from db.models import Caption, Checkpoint, Colorization, Image, Study, Trial
from workbench.errors import InvalidInputError
from workbench.search import ids_of_images, parse
from workbench.store import MediaStore, batches
from workbench.studies import external_systems, lifecycle, trials
from workbench.studies.attention_checks import blotched, saying
from workbench.studies.design_io import Design, Stimuli, stored
from workbench.studies.randomization import dozens
from workbench.studies.trials import Show

__all__ = ["Drafted", "Pictured", "draft", "picture"]

CHECK = "check"
"""The system's name of pictures that are made for trials with a known answer."""


@dataclass(frozen=True)
class Drafted:
    """A study in draft, and how many trials of each kind it has."""

    study: Study
    trials: int
    training: int
    gold: int
    trap: int


@dataclass(frozen=True)
class Pictured:
    """What a study will show, its pictures made and kept: groups that may be compared, and sets with a known answer."""

    groups: list[list[Show]]
    practice: list[tuple[Show, ...]]
    golds: list[tuple[Show, ...]]
    traps: list[tuple[Show, ...]]


def picture(session: Session, media: MediaStore, design: Design, *, base: Path = Path()) -> Pictured:
    """Choose and make the pictures of a design's study; outside folders are relative to `base`.

    It only reads the store: spoiling and lettering hundreds of pictures takes minutes, in which nobody should wait to write. Raises
    InvalidInputError where nothing can be compared, ConflictError where the name is taken, UnreadableFileError.
    """
    lifecycle.require_free_name(session, design.name)
    groups = _groups(session, media, design.stimuli, base)
    return Pictured(groups, *_known(session, media, design, groups))


def draft(
    session: Session,
    media: MediaStore,
    design: Design,
    *,
    author: str,
    base: Path = Path(),
    run_id: int | None = None,
    pictured: Pictured | None = None,
) -> Drafted:
    """Make a study of a design from what `picture` gave before the transaction; without it the pictures are made here.

    Raises InvalidInputError where nothing can be compared, ConflictError where the name is taken, UnreadableFileError.
    """
    rules = stored(design.rules)
    if wanted := stored(design.stimuli):
        rules["stimuli"] = wanted
    study = lifecycle.create(
        session, name=design.name, question=design.question, method=design.method, design=rules, seed=design.seed,
        votes_per_trial=design.votes_per_trial, author=author, run_id=run_id,
    )  # fmt: skip
    shown = pictured or picture(session, media, design, base=base)
    count = trials.add_groups(session, study, shown.groups, reference=design.stimuli.reference, author=author)
    made = _add_known(session, study, design, shown, author)
    if not design.rules.caption:
        session.execute(update(Trial).where(Trial.study_id == study.id).values(caption_text=None))
        session.expire_all()
    return Drafted(study, count, *made)


def _groups(session: Session, media: MediaStore, stimuli: Stimuli, base: Path) -> list[list[Show]]:
    """Pictures that are equal in everything but what is compared."""
    if stimuli.checkpoints == ():
        groups = list(_bare(session, stimuli))
    else:
        groups = trials.comparable(session, _chosen(session, stimuli), stimuli.between)
    if not groups:
        raise InvalidInputError("There are no colorizations that the design asks for; make some first, or ask for others.")
    images = _images(session, {show.image_id for group in groups for show in group})
    for system in stimuli.outside:
        keys = {
            image_id: external_systems.bring_in(media, system, images[image_id], path)
            for image_id, path in external_systems.match(system, images, base).items()
        }
        for group in groups:
            first = group[0]
            if first.image_id in keys and system.level in ("", first.level):
                group.append(replace(first, system=system.name, media_key=keys[first.image_id], colorization_id=None))
    # A group of outside files alone began with a mere place for them.
    return [[show for show in group if show.media_key] for group in groups]


def _chosen(session: Session, stimuli: Stimuli) -> Iterator[int]:
    """The colorizations that a design asks for, in the order of their ids."""
    wanted = (
        select(Colorization.id, Colorization.settings)
        .join(Caption, Caption.id == Colorization.caption_id)
        .join(Checkpoint, Checkpoint.id == Colorization.checkpoint_id)
        .where(Colorization.image_id.in_(ids_of_images(session, parse(stimuli.query))))
        .order_by(Colorization.id)
    )
    if stimuli.checkpoints:
        known = set(session.scalars(select(Checkpoint.name)))
        for name in stimuli.checkpoints:
            if name not in known:
                raise InvalidInputError(f'There is no checkpoint "{name}"; there are: {", ".join(sorted(known)) or "none yet"}.')
        wanted = wanted.where(Checkpoint.name.in_(stimuli.checkpoints))
    if stimuli.levels:
        wanted = wanted.where(Caption.level.in_(stimuli.levels))
    if stimuli.seeds:
        wanted = wanted.where(Colorization.seed.in_(stimuli.seeds))
    for colorization_id, settings in session.execute(wanted):
        if all(settings.get(name) == value for name, value in stimuli.settings.items()):
            yield colorization_id


def _bare(session: Session, stimuli: Stimuli) -> Iterator[list[Show]]:
    """A place for outside files: by accepted caption of the levels asked for, or by image where none is asked for."""
    of_query = ids_of_images(session, parse(stimuli.query))
    if not stimuli.levels:
        for image_id in session.scalars(select(Image.id).where(Image.id.in_(of_query)).order_by(Image.id)):
            yield [Show("", "", None, image_id, None, None)]
        return
    captions = select(Caption).where(Caption.image_id.in_(of_query), Caption.level.in_(stimuli.levels))
    for caption in session.scalars(captions.where(Caption.status == CaptionStatus.ACCEPTED).order_by(Caption.id)):
        yield [Show("", "", None, caption.image_id, caption.id, caption.text, caption.level.value)]


def _images(session: Session, image_ids: set[int]) -> dict[int, Image]:
    return {image.id: image for ids in batches(sorted(image_ids)) for image in session.scalars(select(Image).where(Image.id.in_(ids)))}


def _known(
    session: Session, media: MediaStore, design: Design, groups: list[list[Show]]
) -> tuple[list[tuple[Show, ...]], list[tuple[Show, ...]], list[tuple[Show, ...]]]:
    """Practice, gold and trap sets from the study's own pictures."""
    rules = design.rules
    originals = trials.references(session, groups)
    sets = trials.sets_of(design.method, groups, originals if design.stimuli.reference else {})
    count = trials.count_different(sets)
    checks = dozens(min(count, rules.trials_per_rater or count))
    sources = _drawn(sets, design.seed, rules.training + 2 * checks) if sets else []
    golds = [_gold(media, design.method, shown, originals, turn) for turn, shown in enumerate(sources[: rules.training + checks])]
    traps = [_trap(media, design.method, shown, turn) for turn, shown in enumerate(sources[rules.training + checks :])]
    return golds[: rules.training], golds[rules.training :], traps


def _add_known(session: Session, study: Study, design: Design, shown: Pictured, author: str) -> tuple[int, int, int]:
    """Trials with a known answer, of the kinds that the rules ask for; return how many of each."""
    rules = design.rules
    wanted = (
        (shown.practice, TrialKind.TRAINING, True),
        (shown.golds, TrialKind.GOLD, rules.gold),
        (shown.traps, TrialKind.TRAP, rules.trap),
    )
    made = [trials.add_known(session, study, known, kind, author=author) if asked and known else 0 for known, kind, asked in wanted]
    return made[0], made[1], made[2]


def _drawn(sets: list[tuple[Show, ...]], seed: int, count: int) -> list[tuple[Show, ...]]:
    """So many of the sets, at random, every image as seldom as can be."""
    chance = random.Random(f"{seed}:known answers")
    by_image: dict[int, list[tuple[Show, ...]]] = {}
    for shown in sets:
        by_image.setdefault(shown[0].image_id, []).append(shown)
    images = sorted(by_image)
    chance.shuffle(images)
    return [chance.choice(by_image[images[turn % len(images)]]) for turn in range(count)]


def _gold(media: MediaStore, method: RatingMethod, shown: Sequence[Show], originals: dict[int, Show], turn: int) -> tuple[Show, ...]:
    """One picture as good as there is, the original where it has color, among others whose colors are plainly wrong."""
    best = originals.get(shown[0].image_id, shown[0])
    right = replace(shown[0], system=CHECK, media_key=best.media_key, colorization_id=None, is_answer=True)
    spoil = [
        replace(right, media_key=media.put(blotched(media.read(one.media_key), 100 * turn + place), ".png"), is_answer=False)
        for place, one in enumerate(shown if method is RatingMethod.CATEGORY else shown[1:])
    ]
    if method is RatingMethod.CATEGORY:
        return (right,) if turn % 2 else tuple(spoil)
    return (right, *spoil)


def _trap(media: MediaStore, method: RatingMethod, shown: Sequence[Show], turn: int) -> tuple[Show, ...]:
    """The trial's own pictures, each saying across its middle what is to be answered."""
    words = {
        RatingMethod.PAIR: ("Choose this picture", "Do not choose this"),
        RatingMethod.CHOICE: ("Choose this picture", "Do not choose this"),
        RatingMethod.RANKING: ("Put this one first", "Not in first place"),
        RatingMethod.CATEGORY: (("Give the highest marks", "") if turn % 2 else ("Give the lowest marks", "")),
    }[method]
    lowest = method is RatingMethod.CATEGORY and not turn % 2
    return tuple(
        replace(
            one,
            system=CHECK,
            colorization_id=None,
            media_key=media.put(saying(media.read(one.media_key), words[place > 0]), ".png"),
            is_answer=place == 0 and not lowest,
        )
        for place, one in enumerate(shown)
    )
