"""Captions of real photos as annotators write them: people in clothes, things and grounds, in any order, with synonyms."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipelines.composing.captions import NUMBERS, Caption, Phrase, article, plural
from pipelines.composing.photo_words import has_plural_form, is_uncounted, kind_of, nouns_of, words

UNIQUE = ("sky", "sea", "ocean", "heaven")
CARRIED = ("hair", "bag", "purse", "wallet", "sunglasses", "glasses")  # a woman with, not in, them


@dataclass(frozen=True)
class Part:
    """A part of a photo that a caption may name.

    subject  its number in the photo
    color    a color word, "" where none is said
    center   its middle (x, y) in [0, 1]
    count    how many things it is
    where    "left" or "right" where another of its label stands beside it, else ""
    """

    subject: int
    label: str
    color: str
    center: tuple[float, float]
    count: int = 1
    where: str = ""


@dataclass
class _Text:
    """A caption under construction, which remembers where each phrase lies."""

    text: str = ""
    phrases: list[Phrase] = field(default_factory=list)

    def say(self, said: str) -> None:
        self.text += said

    def name(self, said: str, part: Part) -> None:
        self.phrases.append(Phrase(said, len(self.text), len(self.text) + len(said), part.subject, bool(part.color)))
        self.text += said


def _one_of(rng: np.random.Generator, choices: Sequence[str]) -> str:
    return str(choices[int(rng.integers(len(choices)))])


def noun_phrase(rng: np.random.Generator, part: Part) -> str:
    """ "a red dress", "striped blue pants", "two white dogs", "the black dog on the left", "a dress that is red"."""
    noun, kind, chance = _one_of(rng, nouns_of(part.label)), kind_of(part.label), rng.random()
    bare = has_plural_form(noun) or is_uncounted(noun)
    several = plural(noun) if part.count > 1 and not bare else None
    if several:
        number = NUMBERS.get(part.count, "several") if rng.random() < 0.6 else _one_of(rng, ("", "some", "the"))
        return " ".join(filter(None, [number, part.color, several]))
    if part.where and rng.random() < 0.7:
        return f"the {' '.join(filter(None, [part.color, noun]))} on the {part.where}"
    if part.color and chance < 0.04:
        verb = "are" if has_plural_form(noun) else "is"
        return f"{noun if bare else article(noun)} that {verb} {part.color}"
    adjective = _one_of(rng, words()["adjectives"][kind]) if kind in words()["adjectives"] and rng.random() < 0.12 else ""
    order = [adjective, part.color] if rng.random() < 0.6 else [part.color, adjective]
    said = " ".join(filter(None, [*order, noun]))
    if bare:
        return f"the {said}" if rng.random() < 0.15 else said
    if noun in UNIQUE:
        return f"the {said}" if rng.random() < 0.4 else article(said)
    return f"the {said}" if chance < 0.14 else article(said)


def write_photo_caption(rng: np.random.Generator, parts: Sequence[Part]) -> Caption:
    """A caption that names all parts, with the colors that they have."""
    text = _Text()
    if rng.random() < 0.22:
        _as_list(rng, text, parts)
    else:
        _as_sentence(rng, text, parts)
    colored = [bool(part.color) for part in parts]
    level = "complete" if colored and all(colored) else "partial" if any(colored) else "scarce"
    return Caption(text.text, level, tuple(text.phrases))


def _as_list(rng: np.random.Generator, text: _Text, parts: Sequence[Part]) -> None:
    """ "a red dress, black boots and a gray wall", in any order; people are named in half of the lists."""
    people = rng.random() < 0.5
    named = [part for part in parts if people or kind_of(part.label) != "person"] or list(parts)
    text.say(_one_of(rng, ("", "", "a photo of ", "there is ")))
    last = ", " if rng.random() < 0.5 else " and "
    for n, index in enumerate(rng.permutation(len(named))):
        part = named[index]
        text.say("" if n == 0 else last if n == len(named) - 1 else ", ")
        if part.color and rng.random() < 0.08:
            noun = _one_of(rng, nouns_of(part.label))
            text.name(f"the {noun} {'are' if has_plural_form(noun) else 'is'} {part.color}", part)
        else:
            text.name(noun_phrase(rng, part), part)


def _as_sentence(rng: np.random.Generator, text: _Text, parts: Sequence[Part]) -> None:
    """ "under a pink sky a woman in a red dress walks next to a green car on the street"."""
    groups: dict[str, list[Part]] = {"person": [], "garment": [], "thing": [], "ground": []}
    for index in rng.permutation(len(parts)):
        groups[kind_of(parts[index].label)].append(parts[index])
    grounds, begun = groups["ground"], False
    if grounds and rng.random() < 0.2:
        first, begun = grounds.pop(0), True
        text.say(f"{_one_of(rng, _prepositions(first))} ")
        text.name(noun_phrase(rng, first), first)
        text.say(_one_of(rng, (", ", " ", " there is ", " stands ")))
    elif rng.random() < 0.12:
        text.say(_one_of(rng, ("a photo of ", "a picture of ", "there is ", "we see ")))
    subject = bool(groups["garment"] or groups["person"])
    if subject:
        _clothed(rng, text, groups["person"], groups["garment"])
    for part in groups["thing"]:
        text.say(f" {_relation(rng, part)} " if subject else "")
        text.name(noun_phrase(rng, part), part)
        text.say("" if subject or rng.random() < 0.4 else f" {_one_of(rng, words()['verbs']['thing'])}")
        subject = True
    for n, part in enumerate(grounds):
        led = n == 0 or rng.random() < 0.7
        if subject or begun:
            text.say(f" {_one_of(rng, _prepositions(part)) if led else 'and'} ")
        text.name(noun_phrase(rng, part), part)
        subject = True
    text.say(_one_of(rng, (".", " .")) if rng.random() < 0.1 else "")


def _clothed(rng: np.random.Generator, text: _Text, people: Sequence[Part], garments: Sequence[Part]) -> None:
    """ "a woman in a red dress and black boots walks"; who wears them is a phrase only where people are a part."""
    if people:
        text.name(noun_phrase(rng, people[0]), people[0])
    else:
        text.say(article(_one_of(rng, words()["people"])))
    for n, part in enumerate(garments):
        if n:
            text.say(" and " if n == len(garments) - 1 or rng.random() < 0.3 else ", ")
        else:
            text.say(" with " if part.label in CARRIED else _one_of(rng, (" in ", " in ", " wearing ", " dressed in ", " with ")))
        text.name(noun_phrase(rng, part), part)
    text.say(f" {_one_of(rng, words()['verbs']['person'])}" if rng.random() < 0.75 else "")


def _relation(rng: np.random.Generator, part: Part) -> str:
    """How the first subject stands to a thing."""
    offset = part.center[0] - 0.5
    sides = ("to the left of", "on the left of") if offset > 0.2 else ("on the right of", "to the right of") if offset < -0.2 else ()
    return _one_of(rng, ("next to", "beside", "near", "with", "and", "behind", "by", "in front of", *sides))


def _prepositions(part: Part) -> list[str]:
    return words()["grounds"][part.label]["prepositions"]
