"""Where the dictionary overrules the tagger: a word of one sense alone, and an adjective after the part that it is said of."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.color_words import names_color
from workbench.levels.tokens import NOMINAL, Kind, Word, word_at
from workbench.levels.word_senses import ADJECTIVE, NOUN, VERB, senses

__all__ = ["settle_by_dictionary"]

_ADJECTIVE_ENDINGS = ("y", "ish", "less", "ful", "like", "ous", "ed")
_OWNERS = ("his", "her", "its", "their", "my", "your", "our")


def settle_by_dictionary(words: list[Word], index: int) -> None:
    """Overrule the tagger where the dictionary leaves no choice: "begs" is no noun, "broccoli" no verb, "askance" neither."""
    word, following = words[index], word_at(words, index + 1)
    text = word.text
    if not text.isalpha() or text.endswith("ing") or names_color(text) or text in noun_lists.SURE_NOUNS:
        return
    possible = senses(text)
    if word.tag in ("NN", "VB", "VBP") and ADJECTIVE in possible and _is_said_of_a_part(words, index):
        word.kind = Kind.ADJECTIVE
    elif word.kind is Kind.NOUN and possible and NOUN not in possible:
        if VERB in possible and ADJECTIVE not in possible:
            word.kind, word.tag = Kind.VERB, "VBZ" if text.endswith("s") else "VBD" if text.endswith("ed") else "VBP"
        elif following.kind in NOMINAL:
            word.kind = Kind.ADJECTIVE
        elif word_at(words, index - 1).kind not in (Kind.DETERMINER, Kind.ADJECTIVE):
            word.kind = Kind.ADVERB
    elif word.kind is Kind.NOUN and not possible and word.tag == "NNP" and following.kind in NOMINAL and text.endswith(_ADJECTIVE_ENDINGS):
        word.kind = Kind.ADJECTIVE
    elif word.kind is Kind.VERB and possible == {NOUN} and text not in lexicon.TINTED:
        word.kind, word.tag = Kind.NOUN, "NNS" if text.endswith("s") else "NN"
    elif word.kind is Kind.ADJECTIVE and NOUN in possible and ADJECTIVE not in possible and not text.endswith("ed"):
        word.kind, word.tag = Kind.NOUN, "NN"


def _is_said_of_a_part(words: list[Word], index: int) -> bool:
    """Whether a word ends "with his eyes alert" or goes before the end of "with its mouth open wide": said of the part, no thing itself."""
    part, following = word_at(words, index - 1), word_at(words, index + 1)
    with_its = word_at(words, index - 3).text == "with" and word_at(words, index - 2).text in _OWNERS
    return with_its and part.kind is Kind.NOUN and following.kind in (Kind.ADVERB, Kind.ADJECTIVE, Kind.COMMA, Kind.BREAK)
