"""From a design to a study in draft: its trials, and those with a known answer that watch over them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Checkpoint, Colorization, Image
from workbench.errors import InvalidInputError
from workbench.search import ids_of_images, parse
from workbench.store import MediaStore, batches, within
from workbench.studies import entering, external_systems, known_trials, lifecycle, trials
from workbench.studies.design_io import Design, ExternalSystem, Stimuli
from workbench.studies.entering import Drafted, Pictured
from workbench.studies.trials import Show


def picture(session: Session, media: MediaStore, design: Design, *, base: Path = Path()) -> Pictured:
    """Choose and make the pictures of a design's study; outside folders are relative to `base`.

    It only reads the store: spoiling and lettering hundreds of pictures takes minutes, in which nobody should wait to write. Raises
    InvalidInputError where nothing can be compared, ConflictError where the name is taken, UnreadableFileError.
    """
    lifecycle.require_free_name(session, design.name)
    groups, warnings = _groups(session, media, design.stimuli, base)
    known = known_trials.make(session, media, design, groups)
    return Pictured(groups, known, (*warnings, *known.warnings))


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
    """Make a study of a design in one transaction, which is held for all of it; `entering.enter` makes it in parts.

    From what `picture` gave before the transaction; without it the pictures are made here.

    Raises InvalidInputError where nothing can be compared, ConflictError where the name is taken, UnreadableFileError.
    """
    shown = pictured or picture(session, media, design, base=base)
    return entering.enter(design, shown, author=author, run_id=run_id, writing=within(session), reading=within(session))


def count_trials(session: Session, design: Design, *, base: Path = Path()) -> int:
    """How many trials a design's study will have beside those with a known answer, told without making a picture.

    Raises InvalidInputError where nothing can be compared, UnreadableFileError.
    """
    groups, images = _comparable(session, design.stimuli)
    for system in design.stimuli.outside:
        files = external_systems.match(system, images, base).files
        _place(system, {place: str(path) for place, path in files.items()}, groups)
    groups = [[show for show in group if show.media_key] for group in groups]
    return len(trials.sets_for(session, design.method, groups, reference=design.stimuli.reference))


def _comparable(session: Session, stimuli: Stimuli) -> tuple[list[list[Show]], dict[int, Image]]:
    """What the store has of pictures that are equal in everything but what is compared, and their images."""
    if stimuli.checkpoints == ():
        groups = list(_bare(session, stimuli))
    else:
        groups = trials.comparable(session, _chosen(session, stimuli), stimuli.between)
    if not groups:
        raise InvalidInputError("There are no colorizations that the design asks for; make some first, or ask for others.")
    return groups, _images(session, {show.image_id for group in groups for show in group})


def _groups(session: Session, media: MediaStore, stimuli: Stimuli, base: Path) -> tuple[list[list[Show]], list[str]]:
    """Pictures that are equal in everything but what is compared, and what the study's author should know of them."""
    groups, images = _comparable(session, stimuli)
    warnings = [warning for system in stimuli.outside for warning in _add_external(media, system, groups, images, base)]
    # A group of outside files alone began with a mere place for them.
    groups = [[show for show in group if show.media_key] for group in groups]
    return _in_source_lightness(media, groups, images) if stimuli.source_lightness else groups, warnings


def _add_external(
    media: MediaStore, system: ExternalSystem, groups: list[list[Show]], images: Mapping[int, Image], base: Path
) -> list[str]:  # fmt: skip
    """Put an outside system's pictures into the groups that they belong to; return what the study's author should know of them."""
    matched = external_systems.match(system, images, base)
    keys, small = {}, []
    for (image_id, caption), path in matched.files.items():
        keys[image_id, caption], size = external_systems.bring_in(media, system, images[image_id], path)
        if external_systems.is_small(size, images[image_id]):
            small.append(size)
    without, unused = _place(system, keys, groups)
    names = sorted({images[image_id].file_name for image_id in without})
    return [*matched.warnings, *_unmatched(system, names, unused), *_size(system, small)]


def _place(
    system: ExternalSystem, keys: Mapping[tuple[int, str | None], str], groups: Sequence[list[Show]]
) -> tuple[set[int], list[str | None]]:
    """Put an outside system's pictures, by image and caption, into the groups; return images without one and captions of none."""
    used, without = set(), set()
    for group in groups:
        first = group[0]
        if system.level not in ("", first.level):
            continue
        place = next((place for place in ((first.image_id, first.caption_text), (first.image_id, None)) if place in keys), None)
        if place is None:
            without.add(first.image_id)
            continue
        used.add(place)
        group.append(replace(first, system=system.name, media_key=keys[place], colorization_id=None))
    return without, [caption for image_id, caption in keys if (image_id, caption) not in used]


def _unmatched(system: ExternalSystem, without: Sequence[str], unused: Sequence[str | None]) -> Iterator[str]:
    captions = [caption for caption in unused if caption]
    if captions:
        yield f'"{system.name}": {len(captions)} files are for captions that this study does not show ({external_systems.named(captions)}).'
    if without:
        yield f'"{system.name}" is missing in trials of {len(without)} images, for want of a picture ({external_systems.named(without)}).'


def _size(system: ExternalSystem, small: Sequence[tuple[int, int]]) -> Iterator[str]:
    if small:
        width, height = min(small)
        yield (
            f'"{system.name}": {len(small)} pictures are smaller than their images, down to {width} × {height} pixels. All pictures of a '
            "trial are shown at the size of its smallest; `source_lightness: true` gives every system the lightness and the size of the "
            "source."
        )


def _in_source_lightness(media: MediaStore, groups: list[list[Show]], images: Mapping[int, Image]) -> list[list[Show]]:
    """The groups with every picture's lightness replaced by its source's, for all systems alike."""
    made: dict[tuple[int, str], str] = {}
    for show in {(show.image_id, show.media_key): show for group in groups for show in group}.values():
        content = external_systems.with_lightness_of(media.read(images[show.image_id].upright_key), media.read(show.media_key))
        made[show.image_id, show.media_key] = media.put(content, ".png")
    return [[replace(show, media_key=made[show.image_id, show.media_key]) for show in group] for group in groups]


def _chosen(session: Session, stimuli: Stimuli) -> Iterator[int]:
    """The colorizations that a design asks for, in the order of their ids."""
    statement = (
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
        statement = statement.where(Checkpoint.name.in_(stimuli.checkpoints))
    if stimuli.levels:
        statement = statement.where(Caption.level.in_(stimuli.levels))
    if stimuli.seeds:
        statement = statement.where(Colorization.seed.in_(stimuli.seeds))
    for colorization_id, settings in session.execute(statement):
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
