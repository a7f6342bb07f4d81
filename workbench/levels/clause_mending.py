"""What is left of clauses that lost their colors: pronouns without a verb, commas around nothing, fragments that only a comma joins."""

import itertools
from collections.abc import Iterable

from workbench.levels.tokens import Kind, Word, word_at

__all__ = ["around_removed", "fragment_joints", "subject_pronoun"]

_SEPARATORS = (Kind.AND, Kind.COMMA)
_SUBJECTS = ("it", "they", "he", "she")


def subject_pronoun(words: list[Word], first: int, last: int) -> range | None:
    """The words from a pronoun, with what joins it to the sentence before, to the end of its clause, for a clause first..last without
    another subject: ", it is blue", "and it is brown", "It is red."; None if the subject is no pronoun or all of the caption."""
    if word_at(words, first - 1).text not in _SUBJECTS or first < 2:
        return None
    first -= 1
    if words[first - 1].kind not in (*_SEPARATORS, Kind.BREAK):
        return None  # "the house behind it is blue"
    if words[first - 1].kind is Kind.BREAK and word_at(words, last + 1).kind is Kind.BREAK:
        return range(first, last + 2)  # a sentence of its own, with its full stop
    while first > 1 and words[first - 1].kind in _SEPARATORS:
        first -= 1
    return range(first, last + 1)


def around_removed(words: list[Word], out: set[int]) -> set[int]:
    """Commas that closed what was taken out from its own comma on: "the car[, which is yellow], waits"."""
    closing: set[int] = set()
    for index, word in enumerate(words):
        if word.kind is not Kind.COMMA or index in out or index - 1 not in out:
            continue
        first = index - 1
        while first - 1 in out:
            first -= 1
        goes_on = word_at(words, index + 1).kind in (Kind.VERB, Kind.BE, Kind.PREPOSITION)
        if goes_on and words[first].kind is Kind.COMMA:
            closing.add(index)
        elif (goes_on or words[first].kind is Kind.RELATIVE) and word_at(words, first - 1).kind is Kind.COMMA:
            closing |= {index, first - 1}
    return closing


def fragment_joints(words: list[Word], out: set[int], ends: Iterable[int]) -> dict[int, str]:
    """For clauses that lost their verbs, whose last words are `ends`, what joins two of them: the last comma and "but" become "and"."""
    last_words = sorted(ends)
    joints: dict[int, str] = {}
    for end, next_end in itertools.pairwise(last_words):
        joint = end + 1
        while joint in out:
            joint += 1
        if joint >= next_end or (word_at(words, joint).kind not in _SEPARATORS and word_at(words, joint).text != "while"):
            continue
        kept_verb = any(words[index].kind in (Kind.VERB, Kind.BE) and index not in out for index in range(joint, next_end))
        if words[joint].text in ("but", "while", ";"):
            joints[joint] = "and"
        elif words[joint].kind is Kind.COMMA and next_end == last_words[-1] and not kept_verb:
            following = joint + 1
            while following in out:
                following += 1
            if word_at(words, following).kind is not Kind.AND:
                joints[joint] = "and"
    return joints
