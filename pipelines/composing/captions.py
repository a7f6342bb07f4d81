"""Captions of composed scenes: varied English at three levels, with the span of every phrase."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

LEVELS = ("complete", "partial", "scarce")
STAND_INS = (
    "thing", "object", "toy", "item", "figure", "shape", "person", "man", "woman", "child", "boy", "girl", "car", "bus", "train", "truck",
    "boat", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "kite",
    "bottle", "cup", "fork", "bowl", "apple", "sandwich", "pizza", "cake", "chair", "couch", "bed", "table", "laptop", "phone", "book",
    "clock", "vase", "scissors", "shirt", "hat", "ball", "box", "lamp", "plate", "jug", "shoe", "dress", "flower", "tree", "house", "door",
    "bag", "basket", "bucket", "helmet", "statue", "guitar", "candle", "pillow", "blanket", "scarf", "glove", "cap", "coat", "motorcycle",
    "bicycle", "airplane", "skateboard", "surfboard", "refrigerator", "sink", "toothbrush", "donut", "orange tree", "carrot", "wine glass",
)  # fmt: skip
IN_ORDER = 0.6  # captions that name objects from left to right, as people mostly do; the others name them in any order
SYLLABLES = ("ba", "lo", "mi", "ter", "zen", "kra", "sol", "fin", "du", "pe", "gra", "nok", "vi", "sha", "ron", "tel", "wim", "oct")


@dataclass(frozen=True)
class Phrase:
    """A part of a caption: text [start, end) that names subject number `subject` of its scene."""

    text: str
    start: int
    end: int
    subject: int
    colored: bool


@dataclass(frozen=True)
class Caption:
    """A description, how much color it gives, and the phrases that name subjects."""

    text: str
    level: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Subject:
    """What a phrase can name: a noun, how many of it, its color word ("" when it keeps its own colors), where it is."""

    noun: str
    count: int
    color: str
    center: tuple[float, float]  # (x, y) in [0, 1]
    background: bool = False


def draw_noun(rng: np.random.Generator, label: str) -> str:
    """Mostly the label; at times another noun or an invented word, so that unknown words find their object by order and place."""
    chance = rng.random()
    if chance < 0.75:
        return label
    if chance < 0.93:
        return str(rng.choice(STAND_INS))
    return "".join(rng.choice(SYLLABLES, size=int(rng.integers(2, 4))))


def plural(noun: str) -> str | None:
    """The plural of an English noun, or None where it is not formed by its last word's ending."""
    if " of " in noun or " with " in noun or noun.endswith(("s", "'")) or noun in ("confetti", "sheep", "thyme plant"):
        return None
    irregular = {"man": "men", "woman": "women", "child": "children", "mouse": "mice", "goose": "geese", "person": "people"}
    *rest, last = noun.split(" ")
    if last in irregular:
        last = irregular[last]
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    elif last.endswith(("x", "ch", "sh", "z")):
        last += "es"
    else:
        last += "s"
    return " ".join([*rest, last])


def article(words: str) -> str:
    """The noun phrase with its indefinite article."""
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


NUMBERS = {2: "two", 3: "three", 4: "four"}


def noun_phrase(rng: np.random.Generator, subject: Subject, with_color: bool) -> str:
    """ "a red frog", "two green apples", "the frog", by chance "a bright red frog" or "a frog that is red"."""
    color = subject.color if with_color else ""
    if subject.count > 1:
        words = " ".join(filter(None, [NUMBERS[subject.count], color, plural(subject.noun)]))
        return words
    if color and rng.random() < 0.06:
        return f"{article(subject.noun)} that is {color}"
    if rng.random() < 0.06:
        return " ".join(filter(None, ["the", color, subject.noun]))
    return article(f"{color} {subject.noun}" if color else subject.noun)


def background_phrase(rng: np.random.Generator, subject: Subject, with_color: bool) -> str:
    """ "on a blue background", "in front of a castle" and the like, without the leading blank."""
    if with_color and subject.color:
        if subject.noun == "background":
            place = rng.choice(["background", "background", "wall", "backdrop", "surface", "floor", "sky"])
            preposition = {"floor": "on", "surface": "on", "sky": "under"}.get(str(place)) or str(
                rng.choice(["on", "against", "in front of"])
            )
            return f"{preposition} {article(f'{subject.color} {place}')}"
        return f"{rng.choice(['in front of', 'before', 'near'])} {article(f'{subject.color} {subject.noun}')}"
    if subject.noun == "background":
        return f"on a {rng.choice(['plain', 'blurred', 'soft'])} background"
    return f"{rng.choice(['in front of', 'before', 'near', 'with', 'at'])} {article(subject.noun)}"


def _relation(rng: np.random.Generator, one: Subject, other: Subject) -> str:
    """How the first subject stands to the second in the picture."""
    dx, dy = other.center[0] - one.center[0], other.center[1] - one.center[1]
    if abs(dx) > max(0.15, abs(dy)):
        side = "left" if dx > 0 else "right"
        return str(rng.choice(["next to", "beside", "and", f"to the {side} of", f"on the {side} of"]))
    if abs(dy) > 0.2:
        return "above" if dy > 0 else "below"
    return str(rng.choice(["next to", "with", "and", "near"]))


class _Text:
    """A caption under construction, which remembers where each phrase lies."""

    def __init__(self) -> None:
        self.text = ""
        self.phrases: list[Phrase] = []

    def say(self, words: str) -> None:
        self.text += words

    def name(self, words: str, subject: int, colored: bool) -> None:
        self.phrases.append(Phrase(words, len(self.text), len(self.text) + len(words), subject, colored))
        self.text += words


def _level(named: Sequence[Subject], with_color: Sequence[bool]) -> str:
    """complete, partial or scarce, by how many of the named subjects get a color."""
    colored = [bool(with_its and subject.color) for subject, with_its in zip(named, with_color, strict=True)]
    return "complete" if all(colored) else "partial" if any(colored) else "scarce"


def write_caption(rng: np.random.Generator, subjects: Sequence[Subject], level: str, order: Sequence[int] | None = None) -> Caption:
    """Describe a scene at a level; the level returned is what the text really gives (a scene without colors is scarce).

    `subjects`: objects, and at most one background. `order`: the indices to name, by default objects from left to right for IN_ORDER
    of the captions and in any order otherwise, then by chance the background. Phrases of a partial caption that get no color are drawn.
    """
    objects = [i for i, subject in enumerate(subjects) if not subject.background]
    grounds = [i for i, subject in enumerate(subjects) if subject.background]
    if order is None:
        order = sorted(objects, key=lambda i: subjects[i].center[0]) if rng.random() < IN_ORDER else list(rng.permutation(objects))
        if level != "complete" and len(order) > 2 and rng.random() < 0.3:
            order = list(order)[:-1]
        ground_share = 0.45 if any(subjects[i].color for i in grounds) else 0.2
        order = [*map(int, order), *(grounds if rng.random() < ground_share else [])]
    with_color = dict.fromkeys(order, level == "complete")
    able = [i for i in order if subjects[i].color]
    if level == "partial" and able:
        few = rng.permutation(able)[: int(rng.integers(1, max(2, len(able))))]
        with_color |= {int(i): True for i in few}
    text = _Text()
    styles = [_as_list, _as_sentence] if len([i for i in order if i in objects]) > 1 else [_as_list, _alone]
    style = styles[0] if rng.random() < 0.5 else styles[1]
    style(rng, text, subjects, [i for i in order if i in objects], with_color)
    for i in order:
        if i in grounds:
            text.say(" ")
            text.name(background_phrase(rng, subjects[i], with_color[i]), i, bool(with_color[i] and subjects[i].color))
    named = [subjects[i] for i in order]
    return Caption(text.text, _level(named, [with_color[i] for i in order]), tuple(text.phrases))


def _named(rng: np.random.Generator, text: _Text, subjects: Sequence[Subject], i: int, with_color: dict[int, bool]) -> None:
    text.name(noun_phrase(rng, subjects[i], with_color[i]), i, bool(with_color[i] and subjects[i].color))


def _as_list(rng: np.random.Generator, text: _Text, subjects: Sequence[Subject], order: Sequence[int], with_color: dict[int, bool]) -> None:
    """ "a red frog, an orange cup" or "a red frog, an orange cup and a blue hat"."""
    last = ", " if rng.random() < 0.7 else " and "
    for n, i in enumerate(order):
        if n:
            text.say(last if n == len(order) - 1 else ", ")
        _named(rng, text, subjects, i, with_color)


def _as_sentence(
    rng: np.random.Generator, text: _Text, subjects: Sequence[Subject], order: Sequence[int], with_color: dict[int, bool]
) -> None:
    """ "there is a red frog next to an orange cup, and a blue hat"."""
    text.say(str(rng.choice(["there is ", "a photo of ", "a picture of ", "", "", "we see "])))
    for n, i in enumerate(order):
        if n == 1:
            text.say(f" {_relation(rng, subjects[order[0]], subjects[i])} ")
        elif n > 1:
            text.say(" and " if n == len(order) - 1 else ", ")
        _named(rng, text, subjects, i, with_color)


def _alone(rng: np.random.Generator, text: _Text, subjects: Sequence[Subject], order: Sequence[int], with_color: dict[int, bool]) -> None:
    """ "a photo of a red frog", "the frog is red", "there is a red frog"."""
    subject = subjects[order[0]]
    if with_color[order[0]] and subject.color and subject.count == 1 and rng.random() < 0.25:
        text.name(f"the {subject.noun} is {subject.color}", order[0], True)
        return
    text.say(str(rng.choice(["there is ", "a photo of ", "a picture of ", "an image of ", ""])))
    _named(rng, text, subjects, order[0], with_color)
