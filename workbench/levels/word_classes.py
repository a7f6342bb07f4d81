"""The kind of each word: by word list, by the tag of a small model, and by what can stand beside what where that model errs."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.color_words import mark_aside, mark_color, mark_shade
from workbench.levels.dictionary_senses import settle_by_dictionary
from workbench.levels.noun_or_verb import correct_noun, correct_verb
from workbench.levels.proper_names import mark_names, silence_writing
from workbench.levels.tokens import NOMINAL, Kind, Word, word_at

__all__ = ["assign_kinds"]


_KIND_OF_TAG = {
    "DT": Kind.DETERMINER,
    "PDT": Kind.DETERMINER,
    "PRP$": Kind.DETERMINER,
    "CD": Kind.NUMBER,
    "PRP": Kind.PRONOUN,
    "EX": Kind.PRONOUN,
    "WDT": Kind.RELATIVE,
    "WP": Kind.RELATIVE,
    "WP$": Kind.RELATIVE,
    "WRB": Kind.RELATIVE,
    "CC": Kind.AND,
    ",": Kind.COMMA,
    "IN": Kind.PREPOSITION,
    "TO": Kind.PREPOSITION,
    "RP": Kind.PREPOSITION,
    "POS": Kind.POSSESSIVE,
}


def assign_kinds(words: list[Word]) -> None:
    """Say of every word what it does in its caption."""
    silence_writing(words)
    for index, word in enumerate(words):
        word.kind = _lexical_kind(words, index)
    for index in range(len(words)):
        settle_by_dictionary(words, index)
    for index in range(len(words)):
        _join_particle(words, index)
        mark_color(words, index)
    mark_names(words)
    for step in (mark_shade, correct_verb, correct_noun, mark_aside):
        for index in range(len(words)):
            step(words, index)


def _kind_of_tag(tag: str) -> Kind:
    if tag in _KIND_OF_TAG:
        return _KIND_OF_TAG[tag]
    for prefix, kind in (("NN", Kind.NOUN), ("JJ", Kind.ADJECTIVE), ("VB", Kind.VERB), ("MD", Kind.VERB), ("RB", Kind.ADVERB)):
        if tag.startswith(prefix):
            return kind
    return Kind.NOUN if tag in ("FW", "UH", "AFX") else Kind.BREAK


def _lexical_kind(words: list[Word], index: int) -> Kind:
    """The kind by word list where the word is in one, by tag otherwise."""
    word, following = words[index], word_at(words, index + 1)
    text = word.text
    if text in ("and", "or", "&", "+", "plus"):
        return Kind.AND
    if text in (",", ";"):
        return Kind.COMMA
    if text == "that" and (following.tag.startswith(("VB", "MD")) or word.tag in ("WDT", "IN")):
        return Kind.RELATIVE
    if text in ("which", "who", "whose"):
        return Kind.RELATIVE
    if word.tag == "POS":
        return Kind.POSSESSIVE
    if text in lexicon.BE:
        return Kind.BE if text not in ("look", "looks", "turn", "turns") or not word.tag.startswith("NN") else Kind.NOUN
    if text in lexicon.PRONOUNS:
        return Kind.PRONOUN
    if text in lexicon.DETERMINERS:
        return Kind.DETERMINER
    if text == "number" and following.text.isdigit():  # "player number 10"
        return Kind.BREAK
    if text in lexicon.ADVERBS or (text == "face" and following.text in ("down", "up", "first")):
        return Kind.ADVERB
    if text in lexicon.TITLES:
        return Kind.ADJECTIVE
    if text in lexicon.NUMBERS or text.isdigit():
        return Kind.NUMBER
    if text in lexicon.PREPOSITIONS:
        return Kind.PREPOSITION
    if not any(character.isalpha() for character in text):
        return Kind.BREAK
    if "-" in text and text.endswith(("ed", "-in", "-up", "-like", "-style", "-size")) and following.tag.startswith(("NN", "JJ")):
        return Kind.ADJECTIVE
    return _kind_of_tag(word.tag)


def _join_particle(words: list[Word], index: int) -> None:
    """Make "pick up" before "truck" one describing pair."""
    word, following = words[index], word_at(words, index + 1)
    if word.text == "do" and following.text == "not" and word_at(words, index - 1).kind in (Kind.DETERMINER, Kind.COLOR, Kind.ADJECTIVE):
        for inside in words[index : index + 3]:  # "a red do not enter sign"
            inside.kind = Kind.ADJECTIVE
    if _sport_as_verb(words, index):
        word.kind = following.kind = Kind.VERB
    if following.text in lexicon.PARTICLES.get(word.text, ()) and word_at(words, index + 2).kind in NOMINAL:
        word.kind = following.kind = Kind.NOUN if word.text != "upside" else Kind.ADJECTIVE


def _sport_as_verb(words: list[Word], index: int) -> bool:
    """Whether two words are one verb: "a man rock climbing near the sea", not "a rock climbing wall"."""
    named = words[index].text in noun_lists.SPORT_PLACES and word_at(words, index + 1).text in noun_lists.SPORTING_ING
    previous = word_at(words, index - 1)
    after_noun = previous.kind in (Kind.NOUN, Kind.BE, Kind.VERB) or previous.text in ("while", "when")
    return named and after_noun and word_at(words, index + 2).kind is not Kind.NOUN
