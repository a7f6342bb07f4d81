"""What a word can be at all, whatever a tagger says: noun, verb, adjective or adverb, from WordNet's lemmas and rules of inflection."""

from functools import lru_cache

from workbench.levels.spacy_model import dictionary

__all__ = ["ADJECTIVE", "ADVERB", "NOUN", "VERB", "is_english", "lemmas", "senses"]

NOUN, VERB, ADJECTIVE, ADVERB = "noun", "verb", "adj", "adv"
SHORTEST_LEMMA = 3
"""Shorter ones are abbreviations: "vest" is no superlative of "v"."""


@lru_cache(maxsize=50_000)
def senses(word: str) -> frozenset[str]:
    """The parts of speech that a word in lower case can have; none for a word that the dictionary does not know."""
    return frozenset(part for part in (NOUN, VERB, ADJECTIVE, ADVERB) if lemmas(word, part))


@lru_cache(maxsize=50_000)
def lemmas(word: str, part: str) -> tuple[str, ...]:
    """The dictionary forms of a word as a part of speech, the irregular ones first: "leaves" as a noun is "leaf"."""
    index, exceptions, rules = _tables(part)
    known = [lemma for lemma in exceptions.get(word, ()) if lemma in index]
    for ending, instead in rules:
        lemma = word[: len(word) - len(ending)] + instead
        if word.endswith(ending) and len(lemma) >= SHORTEST_LEMMA and lemma in index:
            known.append(lemma)
    if word in index:
        known.append(word)
    return tuple(dict.fromkeys(known))


def is_english(word: str) -> bool:
    """Whether the dictionary knows a word in lower case, in any of its forms."""
    return bool(senses(word))


@lru_cache(maxsize=4)
def _tables(part: str) -> tuple[frozenset[str], dict[str, list[str]], list[tuple[str, str]]]:
    tables = dictionary()
    rules = tables.get_table("lemma_rules").get(part, [])
    return (
        frozenset(tables.get_table("lemma_index")[part]),
        dict(tables.get_table("lemma_exc").get(part, {})),
        [(ending, instead) for ending, instead in rules],
    )
