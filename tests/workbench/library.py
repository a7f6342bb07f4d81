"""Tiny real libraries for the tests of the loop's later rooms: pictures, captions, masks, checkpoints, colorizations."""

import hashlib
import io

import numpy as np
import PIL.Image

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, RegionOrigin, StudyStatus
from db.models import Caption, Checkpoint, Colorization, Duplicate, Grounding, Image, Mention, MentionColor, Rating, Region
from workbench import colorizations, releases, studies
from workbench.imaging import masks
from workbench.rating import next_trial, ratings

HEIGHT, WIDTH = 6, 8
SETTINGS = {"steps": 4, "guidance": 3.0, "instances": True}


def png(number: int, *, gray: bool = False) -> bytes:
    """A small picture of its own for each number, as PNG."""
    pixels = np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    if gray:
        pixels = np.repeat(pixels[..., :1], 3, axis=2)
    encoded = io.BytesIO()
    PIL.Image.fromarray(pixels).save(encoded, "PNG")
    return encoded.getvalue()


def add_image(session, media, number: int, *, gray: bool = False, attributes=None, license_name=None) -> Image:
    content = png(number, gray=gray)
    key = media.put(content, ".png")
    image = Image(
        sha256=hashlib.sha256(content).hexdigest(),
        pixel_hash=hashlib.sha256(content).hexdigest(),
        phash=number,
        media_key=key,
        upright_key=key,
        file_name=f"photo-{number}.png",
        source="test",
        format="PNG",
        width=WIDTH,
        height=HEIGHT,
        bit_depth=8,
        has_reference=not gray,
        colorfulness=0.0 if gray else 30.0,
        mean_lightness=50.0,
        license=license_name,
        attributes=attributes or {},
    )
    session.add(image)
    session.flush()
    return image


def add_caption(session, image, text="a red cup on a table", *, level=CaptionLevel.PARTIAL, status=CaptionStatus.ACCEPTED) -> Caption:
    caption = Caption(
        image_id=image.id,
        text=text,
        level=level,
        computed_level=level,
        status=status,
        text_origin=Origin.HUMAN,
        level_origin=Origin.RULE,
        author="test",
    )
    session.add(caption)
    session.flush()
    return caption


def ground(session, caption, phrase="a red cup", noun="cup", colors=("red",), *, column=0) -> Region:
    """Mention a phrase of the caption and put it on a mask three columns wide."""
    start = caption.text.index(phrase)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[1:4, column : column + 3] = True
    rle = masks.encode(mask)
    x, y, width, height = masks.box(rle)
    region = Region(
        image_id=caption.image_id,
        mask=rle,
        mask_hash=masks.mask_hash(rle),
        box_x=x,
        box_y=y,
        box_width=width,
        box_height=height,
        area_px=masks.area(rle),
        label=noun,
        origin=RegionOrigin.HUMAN,
        author="test",
    )
    mention = Mention(caption_id=caption.id, object=noun, start=start, end=start + len(phrase), colorable=True)
    session.add_all([region, mention])
    session.flush()
    session.add_all(MentionColor(mention_id=mention.id, color=color, position=place) for place, color in enumerate(colors))
    session.add(Grounding(mention_id=mention.id, region_id=region.id, origin=Origin.HUMAN))
    session.flush()
    return region


def add_checkpoint(session, name="one") -> Checkpoint:
    row = Checkpoint(name=name, location=f"/checkpoints/{name}", digest=hashlib.sha256(name.encode()).hexdigest())
    session.add(row)
    session.flush()
    return row


def colorize(session, media, checkpoint, *, seeds=(0,), settings=None, adherence=0.5) -> list[Colorization]:
    """Make every colorization that is wanted of this checkpoint; the pictures are noise of their own."""
    settings = settings or SETTINGS
    wanted = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=settings, seeds=seeds)
    return [
        colorizations.store(
            session,
            media,
            request,
            png(int(request.key[:8], 16)),
            checkpoint_id=checkpoint.id,
            settings=settings,
            seconds=0.1,
            adherence=adherence,
        )
        for request in wanted
    ]


def add_duplicate(session, image, original) -> None:
    first, second = sorted((image.id, original.id))
    session.add(Duplicate(image_id=second, original_id=first, kind=DuplicateKind.NEAR, distance=3))
    session.flush()


def open_pair_study(session, media, *, images=3, votes_per_trial=2, name="pairs", design=None, seed=0):
    """An open pair study of two checkpoints over a few images; one trial an image."""
    one, two = add_checkpoint(session, "one"), add_checkpoint(session, "two")
    for number in range(images):
        add_caption(session, add_image(session, media, number))
    made = [*colorize(session, media, one), *colorize(session, media, two)]
    study = studies.create(
        session,
        name=name,
        question="Which one fits the description?",
        method="pair",
        votes_per_trial=votes_per_trial,
        design=design,
        seed=seed,
    )
    studies.add_pairs(session, study, [row.id for row in made])
    return studies.open_study(session, study.id, actor="test")


def vote_until_done(session, study, rater_id, choose) -> list[Rating]:
    """Let a rater answer everything; `choose(view, systems)` gets {stimulus id: system} and returns a choice."""
    assert study.status is StudyStatus.OPEN
    given = []
    while (view := next_trial(session, study.id, rater_id)) is not None:
        given.append(ratings.rate(session, view.trial_id, rater_id, choose(view, systems_of(session, view)), seconds=2.0))
    return given


def systems_of(session, view) -> dict[int, str]:
    from db.models import Stimulus

    return {stimulus.id: session.get(Stimulus, stimulus.id).system for stimulus in view.stimuli}


def preferring(word):
    """Choose the system whose name holds a word."""
    return lambda _view, systems: next(key for key, system in systems.items() if word in system)


def draft_study(session, method="pair", **options):
    """A study that nobody was invited to yet."""
    return studies.create(session, method=method, **({"name": "draft", "question": "Which?", "votes_per_trial": 1} | options))


def create_release(session, media, **options):
    """A release of everything, by the standard rules unless others are given."""
    return releases.create(session, media, **({"name": "set", "author": "ada"} | options))


def described(session, media, count=10, **options):
    """Images with a caption each."""
    images = [add_image(session, media, number, **options) for number in range(count)]
    for image in images:
        add_caption(session, image)
    return images


def splits_of(session, release):
    """The split of each image of a release, by its hash."""
    return {item.image_sha256: item.split for item in releases.items(session, release.id)}
