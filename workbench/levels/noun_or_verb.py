"""Nouns that a tagger takes for verbs, and verbs that it takes for nouns: by what can stand beside what."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.acting_verbs import acts_rather
from workbench.levels.clauses import acts_after_clothes, are_two, ends_what_is_done, has_verb_before, is_owned
from workbench.levels.color_words import noun_ahead, predicative, wears
from workbench.levels.tokens import MODIFIERS, NOMINAL, OPENERS, Kind, Word, word_at
from workbench.levels.word_senses import NOUN, VERB, senses

__all__ = ["correct_noun", "correct_verb"]

_PHRASE_END = (Kind.PREPOSITION, Kind.VERB, Kind.BE, Kind.RELATIVE, Kind.BREAK)
_AFTER_VERB = (Kind.PREPOSITION, Kind.DETERMINER, Kind.NUMBER)
_DESCRIBING = ("adult", "male", "female", "baby", "antique", "plaid", "floral", "paisley")
_SAID_OF = lexicon.PAINTED | lexicon.WEARING | lexicon.TINTED | lexicon.SURE_VERBS | {"parked", "covered", "filled"}
_LOOSE_DETERMINERS = ("this", "that", "all", "both")
_BEFORE_ACTING = (Kind.NOUN, Kind.PRONOUN, Kind.RELATIVE, Kind.ADVERB, Kind.AND)
_AFTER_ACTING = (Kind.PREPOSITION, Kind.DETERMINER, Kind.ADVERB, Kind.NUMBER, Kind.COLOR, Kind.PRONOUN, Kind.AND, Kind.COMMA)
_SENTENCE_ENDS = ("", ".", "!")
_AFTER_VERB_WORDS = (*_SENTENCE_ENDS, "low", "high", "still", "close", "together")
_DEFINITE = ("the", "his", "her", "their", "its", "this", "that")
_SINGULAR = ("a", "an", "one", "another", "each", "every")


def correct_verb(words: list[Word], index: int) -> None:
    """Turn into verbs what the tagger took for nouns, and participles before a noun into adjectives."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    text = word.text
    if word.kind is Kind.NOUN and _acts(words, index):
        word.kind = Kind.VERB
    if word.kind is Kind.VERB and following.text == "of" and text.endswith("ing") and previous.kind in OPENERS:
        word.kind = Kind.NOUN
    if text.endswith("ing"):
        _correct_ing(words, index)
    if word.kind is Kind.ADJECTIVE and previous.kind is Kind.NOUN and _describes_with(words, index):
        _merge_into_modifier(words, index)
    if word.kind is Kind.VERB and word.tag in ("VBN", "VBG", "VBD"):
        before_noun = previous.kind in OPENERS and following.kind in (*NOMINAL, Kind.VERB) and noun_ahead(words, index + 1)
        if before_noun and (text in lexicon.TINTED or not wears(words, index - 1)):
            word.kind = Kind.ADJECTIVE
        elif previous.kind is Kind.NOUN and _describes_with(words, index):
            _merge_into_modifier(words, index)


def _acts(words: list[Word], index: int) -> bool:
    """Whether a word that the tagger took for a noun is the verb of its clause: "a cat lays on", "a woman in white holds"."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    sure = word.text in lexicon.SURE_VERBS or acts_rather(word.text)
    if (
        ends_what_is_done(words, index)
        or is_owned(words, index)
        or (word.text in noun_lists.ING_NOUNS and word.text.endswith("ing"))
        or not (sure or VERB in senses(word.text))
    ):
        return False
    if previous.text in ("another", "each", "others") and word.text.endswith("s") == (previous.text != "others"):
        return following.kind is not Kind.NOUN and following.text != "of"
    if word.text.endswith("ing") and previous.kind in (Kind.NOUN, Kind.BE, Kind.VERB):
        return sure and not _belongs_to_next(words, index)
    goes_on = following.kind in _AFTER_ACTING or following.text in _AFTER_VERB_WORDS
    if previous.kind is Kind.COLOR:
        said = wears(words, index - 1) or predicative(words, index - 1)
        return goes_on and said and (sure or following.kind is Kind.DETERMINER or word.text in noun_lists.ACTS_OF_PEOPLE)
    if word.text in lexicon.SHOWN_BY_VERBS and following.kind is Kind.COLOR and previous.kind is Kind.NOUN:
        return True
    if _is_watched(words, index):
        return goes_on
    if word.text in noun_lists.ACTS_OF_PEOPLE and acts_after_clothes(words, index):
        return True
    if not _agrees(words, index):
        return word.text in lexicon.SURE_VERBS and goes_on and previous.kind in _BEFORE_ACTING
    if _cannot_be_noun(words, index):
        return True
    objects = word.tag == "NNS" and previous.tag == "NN" and following.kind is Kind.NOUN
    after_noun = previous.kind in _BEFORE_ACTING or previous.text in noun_lists.SURE_NOUNS
    return sure and (goes_on or objects) and after_noun


def _is_watched(words: list[Word], index: int) -> bool:
    """Whether a bare verb follows the thing that is seen or made to do it: "watching a dog climb", "helps his son ride"."""
    first = index - 1
    if word_at(words, first).kind is not Kind.NOUN or words[index].text.endswith(("s", "ed", "ing")):
        return False
    while word_at(words, first).kind in NOMINAL:
        first -= 1
    return word_at(words, first).kind is Kind.DETERMINER and word_at(words, first - 1).text in lexicon.PERCEIVING


def _agrees(words: list[Word], index: int) -> bool:
    """Whether a word in -s follows a singular noun, or one without -s a plural: "a dog leaps", "two dogs leap", not "a dog leash"."""
    word, previous = words[index], word_at(words, index - 1)
    third_person = word.text.endswith("s") and not word.text.endswith("ss") and word.text not in noun_lists.SINGULAR_S
    if previous.kind is not Kind.NOUN:
        return True
    plural = previous.tag in ("NNS", "NNPS") and previous.text not in noun_lists.SINGULAR_S - {"people"}
    if not third_person and not plural:
        return previous.text in noun_lists.COLLECTIVES or are_two(words, index - 1) or acts_after_clothes(words, index)
    return third_person != plural or (third_person and acts_after_clothes(words, index))


def _cannot_be_noun(words: list[Word], index: int) -> bool:
    """Whether only a verb can stand here: "a boy slides down" ("a" with a plural), "the costume rings the bell" (two nouns in a row)."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    if previous.kind is Kind.AND:
        return following.kind is Kind.DETERMINER and has_verb_before(words, index) and not word.text.endswith("s")
    if _opens_in_clause(words, index) and (following.text in _SENTENCE_ENDS or following.kind in (Kind.PREPOSITION, Kind.ADVERB)):
        return following.text != "of"
    if previous.kind is not Kind.NOUN or following.kind not in (*_AFTER_VERB, Kind.ADVERB, Kind.COLOR):
        return False
    if following.kind is Kind.DETERMINER and following.text not in ("all", "both", "each") and not has_verb_before(words, index):
        return True
    if not word.text.endswith("s"):
        many = previous.tag == "NNS" or previous.text in noun_lists.COLLECTIVES
        return many and following.kind is not Kind.NUMBER and not has_verb_before(words, index)
    opener = index - 1
    while words[opener].kind in NOMINAL and opener > 0:
        opener -= 1
    living = noun_lists.PEOPLE | noun_lists.ANIMALS
    alive = previous.text in living and not {word.text, word.text.removesuffix("s")} & (living | noun_lists.OF_ANIMALS)
    named = words[opener].text in _DEFINITE or (opener == 0 and words[0].kind in NOMINAL and previous.tag == "NN")
    if alive and named and following.text not in ("of", "with", "for"):
        return True
    return words[opener].text in _SINGULAR and previous.tag in ("NN", "NNP") and following.text not in ("of", "with")


def _opens_in_clause(words: list[Word], index: int) -> bool:
    """Whether a noun in -s would leave a clause without its verb: "as the sun sets", "while the crowd behind her watches"."""
    if words[index - 1].kind is not Kind.NOUN or not words[index].text.endswith("s"):
        return False
    first = index - 1
    while first >= 0 and words[first].kind in (*NOMINAL, Kind.DETERMINER):
        first -= 1
    return word_at(words, first).text in ("as", "while", "when", "whilst", "because") and word_at(words, first + 1).kind is Kind.DETERMINER


def _correct_ing(words: list[Word], index: int) -> None:
    """Decide whether a word in "-ing" names a thing ("a building"), describes one ("a dining table") or acts."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    text = word.text
    if text in noun_lists.COMPOUND_ING and following.kind is Kind.NOUN:
        word.kind = Kind.ADJECTIVE
    elif word.kind is Kind.NOUN and text not in noun_lists.ING_NOUNS and len(text) > 4:
        if word.tag == "NN" and text not in lexicon.SURE_VERBS and _names_a_thing(words, index):
            return
        if _belongs_to_next(words, index):
            return
        worn = text in noun_lists.SPORTING_ING and following.text in lexicon.SPORTSWEAR  # "in red riding gear"
        modifies = following.kind is Kind.NOUN and previous.kind in OPENERS and (worn or not wears(words, index - 1))
        word.kind = Kind.ADJECTIVE if modifies else Kind.VERB
    elif word.kind is Kind.VERB and text in noun_lists.ING_NOUNS:
        after = OPENERS if following.kind is Kind.DETERMINER else (*OPENERS, Kind.NOUN, Kind.PREPOSITION, Kind.AND)
        word.kind = Kind.NOUN if previous.kind in after else Kind.VERB
    if text in noun_lists.ACTING_ING and previous.kind is Kind.NOUN and following.kind in (*_AFTER_VERB, Kind.PRONOUN):
        word.kind = Kind.VERB


def _belongs_to_next(words: list[Word], index: int) -> bool:
    """Whether a sport between two nouns belongs to the second: "an ice fishing hut"."""
    beside = word_at(words, index - 1).kind is Kind.NOUN and word_at(words, index + 1).kind is Kind.NOUN
    return beside and words[index].tag == "NN" and words[index].text in noun_lists.SPORTING_ING


def _names_a_thing(words: list[Word], index: int) -> bool:
    """Whether a word in "-ing" closes a noun phrase: "gold detailing around it"."""
    opened = word_at(words, index - 1).kind in OPENERS and not wears(words, index - 1) and not predicative(words, index - 1)
    return opened and word_at(words, index + 1).kind in (*_PHRASE_END, Kind.AND, Kind.COMMA)


def _describes_with(words: list[Word], index: int) -> bool:
    """Whether noun and participle together describe the noun after them: "snow covered mountain", but not "room painted red"."""
    if words[index].text not in lexicon.NOUN_PARTICIPLES or word_at(words, index + 1).kind not in NOMINAL:
        return False
    return words[index].text not in ("colored", "coloured", "painted", "lit") or word_at(words, index + 1).kind is not Kind.COLOR


def _merge_into_modifier(words: list[Word], index: int) -> None:
    """Make "snow covered" before a noun one describing pair: neither word is an object."""
    words[index].kind = Kind.ADJECTIVE
    while word_at(words, index - 1).kind is Kind.NOUN:
        index -= 1
        words[index].kind = Kind.ADJECTIVE


def correct_noun(words: list[Word], index: int) -> None:
    """Turn into nouns what the tagger took for verbs or adjectives at the end of a noun phrase."""
    word, following = words[index], word_at(words, index + 1)
    if word.kind is Kind.VERB and word.tag in ("VB", "VBP", "VBZ", "VBD", "VBN", "MD"):
        if _must_be_noun(words, index):
            word.kind = Kind.NOUN
        elif word.tag in ("VBD", "VBN") and word.text not in _SAID_OF and _ends_phrase(words, index):
            word.kind = Kind.NOUN  # "a cream colored bedspread"
    elif _describes_on(words, index):
        word.kind = Kind.ADJECTIVE
    elif word.kind in (Kind.ADJECTIVE, Kind.ADVERB) and word.text in noun_lists.SURE_NOUNS and following.kind is not Kind.NOUN:
        word.kind = Kind.NOUN
    elif _varies_a_modifier(words, index):
        word.kind = Kind.ADJECTIVE
    elif (word.kind is Kind.ADJECTIVE or _tints(words[index - 1])) and _ends_phrase(words, index):
        word.kind = Kind.NOUN
        if _tints(words[index - 1]):
            words[index - 1].kind = Kind.ADJECTIVE  # "a red and white checkered tablecloth"


def _describes_on(words: list[Word], index: int) -> bool:
    """Whether "baby" or "male" is the first of several modifiers: "male and female ducks", not "a baby and stroller"."""
    following, beyond = word_at(words, index + 1), word_at(words, index + 2)
    if words[index].text not in _DESCRIBING or following.text == "wearing":
        return False
    if following.kind is Kind.AND:
        return (beyond.kind in MODIFIERS or beyond.text in (*_DESCRIBING, "mother", "father")) and noun_ahead(words, index + 3)
    return following.kind in (Kind.ADJECTIVE, Kind.COLOR) and noun_ahead(words, index + 1)


def _tints(word: Word) -> bool:
    """Whether a participle gives colors to the noun after it, although the tagger took it for the verb."""
    return word.kind is Kind.VERB and word.text in lexicon.TINTED and word.tag in ("VBN", "VBD")


def _varies_a_modifier(words: list[Word], index: int) -> bool:
    """Whether a word inside a noun phrase belongs to its modifiers: "a very small plane", "an orange no parking sign"."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    if word.text == "no":
        return previous.kind is Kind.COLOR
    inside = previous.kind in (Kind.DETERMINER, Kind.ADJECTIVE, Kind.COLOR) and following.kind in (Kind.ADJECTIVE, Kind.COLOR)
    return word.kind is Kind.ADVERB and inside


def _must_be_noun(words: list[Word], index: int) -> bool:
    """Whether a word with a verb's tag stands where no verb can: after a determiner, or in base form after a singular noun."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    opened = previous.kind in (Kind.DETERMINER, Kind.COLOR, Kind.NUMBER, Kind.POSSESSIVE) and previous.text not in _LOOSE_DETERMINERS
    if word.text == "can":  # "holds a Red Bull can", but "a dog can swim"
        return previous.kind in (Kind.NOUN, Kind.COLOR, Kind.ADJECTIVE) and following.kind not in (Kind.VERB, Kind.BE, Kind.ADVERB)
    if _must_act(words, index):
        return False
    if is_owned(words, index) or previous.text == "teddy" or (previous.text, word.text) == ("dog", "sled"):
        return NOUN in senses(word.text)
    verb = word.text in lexicon.SURE_VERBS and word.text not in noun_lists.SURE_NOUNS and following.kind in _AFTER_VERB
    if word.tag in ("VB", "VBP", "VBZ") and (opened or previous.kind is Kind.ADJECTIVE) and not predicative(words, index - 1):
        return not verb
    if word.tag in ("VB", "VBP") and previous.kind is Kind.NOUN and previous.tag == "NN" and word.text not in lexicon.SURE_VERBS:
        return previous.text not in noun_lists.COLLECTIVES or following.kind is not Kind.DETERMINER
    if word.tag in ("VB", "VBP") and previous.kind is Kind.AND and not following.text and word_at(words, index - 2).kind is Kind.NOUN:
        return True
    known = word.text in noun_lists.SURE_NOUNS
    listed = (
        previous.kind is Kind.AND
        and following.kind is not Kind.DETERMINER
        and word_at(words, index - 2).kind is Kind.NOUN
        and word.text not in lexicon.SURE_VERBS
    )
    return known and (opened or listed or previous.kind in (Kind.ADJECTIVE, Kind.PREPOSITION) or following.kind is Kind.NOUN)


def _must_act(words: list[Word], index: int) -> bool:
    """Whether a word with a verb's tag is one: after "to" or clothes, of two things, of what is watched, or by the dictionary."""
    word, previous = words[index], word_at(words, index - 1)
    if previous.text == "to" or ((word.tag == "VBZ" or acts_rather(word.text)) and wears(words, index - 1)):
        return True
    possible = senses(word.text)
    if possible and NOUN not in possible and word.text not in noun_lists.SURE_NOUNS:
        return True
    if previous.kind is not Kind.NOUN:
        return previous.text == "another" and word.tag == "VBZ"
    two = word.tag != "VBZ" and word_at(words, index + 1).kind in _AFTER_VERB and are_two(words, index - 1)
    return acts_after_clothes(words, index) or _is_watched(words, index) or (two and acts_rather(word.text))


def _ends_phrase(words: list[Word], index: int) -> bool:
    """Whether an adjective stands where the noun of its phrase should: "a young male holds"."""
    previous = word_at(words, index - 1)
    after_modifier = previous.kind in (Kind.DETERMINER, Kind.ADJECTIVE, Kind.COLOR) or _tints(previous)
    if not after_modifier or word_at(words, index + 1).kind not in _PHRASE_END:
        return False
    return _opened_by_determiner(words, index) and not predicative(words, index)


def _opened_by_determiner(words: list[Word], index: int) -> bool:
    index -= 1
    while word_at(words, index).kind in (*MODIFIERS, Kind.AND, Kind.COMMA) or _tints(word_at(words, index)):
        index -= 1
    opener = word_at(words, index)
    return opener.kind is Kind.DETERMINER and opener.text not in ("all", "both", "several", "few", "another", "each")
