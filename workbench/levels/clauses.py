"""What a clause has already: its verb, one thing or two, what is done and what is worn."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.acting_verbs import acts_rather
from workbench.levels.tokens import NOMINAL, Kind, Word, word_at

__all__ = ["acts_after_clothes", "are_two", "ends_what_is_done", "has_verb_before", "is_owned"]


def are_two(words: list[Word], noun: int) -> bool:
    """Whether the noun ends two things that "and" joins: "a man and a woman share a kiss", "a white and a black dog wrestle"."""
    first = noun
    while word_at(words, first).kind in NOMINAL:
        first -= 1
    opener = word_at(words, first)
    joint = first - 1 if opener.kind is Kind.DETERMINER else first
    return word_at(words, joint).text in ("and", "&") and word_at(words, joint - 1).kind in (Kind.NOUN, Kind.COLOR)


def has_verb_before(words: list[Word], index: int) -> bool:
    """Whether the clause has its verb already."""
    for word in reversed(words[:index]):
        if word.kind is Kind.BREAK or word.text in ("while", "as", "and", "that", "who", "which", "when", ";"):
            return word.text == "and" and has_verb_before(words, words.index(word))
        if word.kind is Kind.BE or (word.kind is Kind.VERB and word.tag in ("VBZ", "VBP", "VBD")):
            return True
    return False


def is_owned(words: list[Word], index: int) -> bool:
    """Whether an owner without an apostrophe stands before a word: "a rivers edge", "the mans face"."""
    owner, opener = word_at(words, index - 1), word_at(words, index - 2)
    text = words[index].text
    if text.endswith(("s", "ing")) or acts_rather(text) or text in lexicon.SURE_VERBS:
        return False  # "a girls climbs" is a slip of number
    owns = owner.kind is Kind.NOUN and owner.tag in ("NNS", "NNPS") and owner.text.endswith("s") and owner.text not in noun_lists.SINGULAR_S
    return opener.kind is Kind.DETERMINER and (owner.text in noun_lists.OWNING or (owns and opener.text in ("a", "an")))


def ends_what_is_done(words: list[Word], index: int) -> bool:
    """Whether a word in -s ends the two nouns after a clause's verb: "uses ice picks", "is making hand gestures"."""
    previous, verb = word_at(words, index - 1), word_at(words, index - 2)
    bare = previous.kind is Kind.NOUN and previous.tag == "NN" and previous.text not in noun_lists.PEOPLE | noun_lists.ANIMALS
    return bare and words[index].text.endswith("s") and verb.tag in ("VBZ", "VBG", "VBP") and has_verb_before(words, index)


def acts_after_clothes(words: list[Word], index: int) -> bool:
    """Whether a verb that agrees with its subject follows what is worn: "men in sports clothing stand near"."""
    first = index - 1
    while word_at(words, first).kind in NOMINAL:
        first -= 1
    subject = word_at(words, first - 1)
    agrees = subject.tag == ("NN" if words[index].text.endswith("s") else "NNS")
    worn = word_at(words, first).text in ("in", "with") and first < index - 1 and subject.kind is Kind.NOUN
    return worn and agrees and word_at(words, index + 1).kind is Kind.PREPOSITION and not has_verb_before(words, index)
