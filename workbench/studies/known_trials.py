"""Trials with a known answer, for practice and against answering without looking: of true originals and what is made from them.

No picture of a compared system takes part: what raters learn from these trials must favor none, and a check must be right whatever the
systems do. So images without an original in color give none.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from db.enums import RatingMethod
from workbench.store import MediaStore
from workbench.studies import trials
from workbench.studies.attention_checks import blotched, saying
from workbench.studies.design import Design
from workbench.studies.randomization import dozens
from workbench.studies.rater_words import words_in
from workbench.studies.trials import Known, Show

CHECK = "check"
"""The system's name of pictures that are made for trials with a known answer."""


def make(session: Session, media: MediaStore, design: Design, groups: list[list[Show]]) -> Known:
    """Make the pictures of practice, gold and trap trials, as many as a design asks for. It only reads the store."""
    rules = design.rules
    originals = trials.references(session, groups)
    sets = trials.sets_of(design.method, groups, originals if design.stimuli.reference else {})
    count = trials.count_different(sets)
    checks = dozens(min(count, rules.trials_per_rater or count))
    golds, traps = checks * rules.gold, checks * rules.trap
    sources = [shown for shown in sets if shown[0].image_id in originals]
    if not sources:
        says = "No image of this study has an original in color, so it has no practice, gold or trap trials."
        return Known(warnings=(says,) if rules.training + golds + traps else ())
    drawn = _drawn(sources, design.seed, rules.training + 2 * checks)
    first, second = rules.training, rules.training + checks
    made = [_gold(media, design.method, shown, originals, turn) for turn, shown in enumerate(drawn[: first + golds])]
    lettered = [_trap(media, design, shown, originals, turn) for turn, shown in enumerate(drawn[second : second + traps])]
    return Known(tuple(made[:first]), tuple(made[first:]), tuple(lettered))


def _drawn(sets: list[tuple[Show, ...]], seed: int, count: int) -> list[tuple[Show, ...]]:
    """So many of the sets, at random, every image as seldom as can be."""
    chance = random.Random(f"{seed}:known answers")
    by_image: dict[int, list[tuple[Show, ...]]] = {}
    for shown in sets:
        by_image.setdefault(shown[0].image_id, []).append(shown)
    images = sorted(by_image)
    chance.shuffle(images)
    return [chance.choice(by_image[images[turn % len(images)]]) for turn in range(count)]


def _original(shown: Sequence[Show], originals: dict[int, Show]) -> Show:
    """The original of a trial's image, under the trial's caption."""
    first = shown[0]
    key = originals[first.image_id].media_key
    return replace(first, system=CHECK, media_key=key, colorization_id=None, is_answer=True)


def _gold(media: MediaStore, method: RatingMethod, shown: Sequence[Show], originals: dict[int, Show], turn: int) -> tuple[Show, ...]:
    """The original among copies of it whose colors are plainly wrong, as many as a trial of the study shows."""
    right = _original(shown, originals)
    content = media.read(right.media_key)
    alone = method is RatingMethod.CATEGORY
    spoiled = [
        replace(right, media_key=media.put(blotched(content, 100 * turn + place), ".png"), is_answer=False)
        for place in range(len(shown) if alone else len(shown) - 1)
    ]
    if alone:
        return (right,) if turn % 2 else tuple(spoiled)
    return (right, *spoiled)


SAID = {
    RatingMethod.PAIR: ("trap_choose", "trap_leave"),
    RatingMethod.CHOICE: ("trap_choose", "trap_leave"),
    RatingMethod.RANKING: ("trap_first", "trap_not_first"),
}
"""The words (`rater_words`) on the picture that is to be answered with, and on the others."""


def _trap(media: MediaStore, design: Design, shown: Sequence[Show], originals: dict[int, Show], turn: int) -> tuple[Show, ...]:
    """The original, once for each place of a trial, saying across its middle what is to be answered."""
    original = _original(shown, originals)
    content = media.read(original.media_key)
    lowest = design.method is RatingMethod.CATEGORY and not turn % 2
    words = words_in(design.rules.language, design.rules.words)
    said = SAID.get(design.method, ("trap_lowest" if lowest else "trap_highest",))
    keys = [media.put(saying(content, words.say(key)), ".png") for key in said]
    return tuple(
        replace(original, media_key=keys[min(place, len(keys) - 1)], is_answer=place == 0 and not lowest) for place in range(len(shown))
    )
