"""Things that a caption names twice: "A brown horse. The horse has a white mane." is one horse."""

from workbench.levels import lexicon
from workbench.levels.noun_phrases import Parse, Phrase
from workbench.levels.tokens import Kind, word_at
from workbench.levels.word_senses import NOUN, lemmas

__all__ = ["merge_repeated"]


def merge_repeated(parse: Parse) -> None:
    """Give the colors of a thing that is named again to its first mention; the later ones are objects no more."""
    for position, phrase in enumerate(parse.phrases):
        first = _named_before(parse, position) if phrase.is_object else None
        if first is not None:
            phrase.is_object = False
            first.groups += [group for group in phrase.groups if group not in first.groups]
            phrase.groups = []
            phrase.repeats = True


def _named_before(parse: Parse, position: int) -> Phrase | None:
    """The phrase that named the thing of a phrase with "the" before, or None: no adjective and no color may tell them apart."""
    words, phrase = parse.words, parse.phrases[position]
    if words[phrase.first].text not in lexicon.DEFINITE or phrase.last < phrase.noun or word_at(words, phrase.last + 1).text == "of":
        return None  # "a child's palm against the palm of a dummy" are two
    inside = {
        word.text for word in words[phrase.first + 1 : phrase.noun] if word.kind not in (Kind.COLOR, Kind.SHADE, Kind.AND, Kind.COMMA)
    }
    told = set(parse.terms(phrase))
    candidates = [
        earlier
        for earlier in parse.phrases[:position]
        if earlier.is_object
        and _same_noun(words[earlier.noun].text, words[phrase.noun].text)
        and not _told_apart(parse, earlier, phrase)
        and inside <= {word.text for word in words[earlier.first : earlier.noun]}
        and (not told or told <= set(parse.terms(earlier)) or not parse.terms(earlier))
    ]
    if told and not any(told <= set(parse.terms(earlier)) for earlier in candidates) and len(candidates) > 1:
        return None
    candidates.sort(key=lambda earlier: bool(told) and told <= set(parse.terms(earlier)))
    return candidates[-1] if candidates else None


def _told_apart(parse: Parse, one: Phrase, other: Phrase) -> bool:
    """Whether what is worn or held tells two things of one sentence apart: "the girl in the white shirt", "the girl in the peach shirt"."""
    words, between = parse.words, range(one.last + 1, other.first)
    ends = any(words[index].kind is Kind.BREAK for index in between)
    by = {word_at(words, phrase.last + 1).text for phrase in (one, other)}
    if ends or words[one.first].text not in lexicon.DEFINITE or not by <= {"in", "with"}:
        return False
    told = [[word.text for word in words[phrase.last + 1 : phrase.last + 4]] for phrase in (one, other)]
    return told[0] != told[1]


def _same_noun(one: str, other: str) -> bool:
    return one == other or bool(set(lemmas(one, NOUN)) & set(lemmas(other, NOUN)))
