"""The kind of each word: by word list, by the tag of a small model, and by what can stand beside what where that model errs."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.color_words import mark_aside, mark_color, mark_shade, noun_ahead, predicative, wears
from workbench.levels.tokens import MODIFIERS, NOMINAL, OPENERS, Kind, Word, word_at

__all__ = ["assign_kinds"]

_PHRASE_END = (Kind.PREPOSITION, Kind.VERB, Kind.BE, Kind.RELATIVE, Kind.BREAK)
_AFTER_VERB = (Kind.PREPOSITION, Kind.DETERMINER, Kind.NUMBER)
_DESCRIBING = ("adult", "male", "female", "baby", "antique", "plaid", "floral", "paisley")
_SAID_OF = lexicon.PAINTED | lexicon.WEARING | lexicon.TINTED | lexicon.SURE_VERBS | {"parked", "covered", "filled"}
_QUOTES = ("'", '"', "‘", "’", "“", "”", "``", "''")
_LOOSE_DETERMINERS = ("this", "that", "all", "both")

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
    _silence_quotations(words)
    for index, word in enumerate(words):
        word.kind = _lexical_kind(words, index)
    for index in range(len(words)):
        _join_particle(words, index)
        mark_color(words, index)
    for index in range(len(words)):
        mark_shade(words, index)
    for index in range(len(words)):
        _correct_verb(words, index)
    for index in range(len(words)):
        _correct_noun(words, index)
    for index in range(len(words)):
        mark_aside(words, index)


def _silence_quotations(words: list[Word]) -> None:
    """Take what is written on a thing for marks, not for words: "a sign that says 'Green Street'"."""
    index = 0
    while index < len(words):
        opened = words[index].text in _QUOTES and any(word.text in lexicon.READING for word in words[max(0, index - 3) : index])
        closing = next((place for place in range(index + 1, len(words)) if words[place].text in _QUOTES), None) if opened else None
        for word in words[index + 1 : closing] if closing else ():
            word.text, word.tag = '"', "''"
        index = (closing or index) + 1


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
    if text in lexicon.NUMBERS or text.isdigit():
        return Kind.NUMBER
    if text in lexicon.PREPOSITIONS:
        return Kind.PREPOSITION
    if not any(character.isalpha() for character in text):
        return Kind.BREAK
    return _kind_of_tag(word.tag)


def _join_particle(words: list[Word], index: int) -> None:
    """Make "pick up" before "truck" one describing pair."""
    word, following = words[index], word_at(words, index + 1)
    if following.text in lexicon.PARTICLES.get(word.text, ()) and word_at(words, index + 2).kind in NOMINAL:
        word.kind = following.kind = Kind.NOUN if word.text != "upside" else Kind.ADJECTIVE


def _correct_verb(words: list[Word], index: int) -> None:
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
    if word.text not in lexicon.SURE_VERBS or word.text in noun_lists.ING_NOUNS:
        return False
    if word.text.endswith("ing") and previous.kind in (Kind.NOUN, Kind.BE, Kind.VERB):
        return True
    has_object = following.kind in (Kind.PREPOSITION, Kind.DETERMINER, Kind.ADVERB, Kind.NUMBER, Kind.COLOR) or following.text in (
        "",
        ".",
        "!",
    )
    has_object = has_object or (word.tag == "NNS" and previous.tag == "NN" and following.kind is Kind.NOUN)
    if previous.kind is Kind.COLOR:
        return has_object and (wears(words, index - 1) or predicative(words, index - 1))
    return has_object and previous.kind in (Kind.NOUN, Kind.PRONOUN, Kind.RELATIVE, Kind.ADVERB, Kind.AND)


def _correct_ing(words: list[Word], index: int) -> None:
    """Decide whether a word in "-ing" names a thing ("a building"), describes one ("a dining table") or acts."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    text = word.text
    if text in noun_lists.COMPOUND_ING and following.kind is Kind.NOUN:
        word.kind = Kind.ADJECTIVE
    elif word.kind is Kind.NOUN and text not in noun_lists.ING_NOUNS and len(text) > 4:
        if word.tag == "NN" and text not in lexicon.SURE_VERBS and _names_a_thing(words, index):
            return
        modifies = following.kind is Kind.NOUN and previous.kind in OPENERS and not wears(words, index - 1)
        word.kind = Kind.ADJECTIVE if modifies else Kind.VERB
    elif word.kind is Kind.VERB and text in noun_lists.ING_NOUNS:
        after = OPENERS if following.kind is Kind.DETERMINER else (*OPENERS, Kind.NOUN, Kind.PREPOSITION, Kind.AND)
        word.kind = Kind.NOUN if previous.kind in after else Kind.VERB
    if text in noun_lists.ACTING_ING and previous.kind is Kind.NOUN and following.kind in _AFTER_VERB:
        word.kind = Kind.VERB


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


def _correct_noun(words: list[Word], index: int) -> None:
    """Turn into nouns what the tagger took for verbs or adjectives at the end of a noun phrase."""
    word, following = words[index], word_at(words, index + 1)
    if word.kind is Kind.VERB and word.tag in ("VB", "VBP", "VBZ", "VBD", "VBN"):
        if _must_be_noun(words, index):
            word.kind = Kind.NOUN
        elif word.tag in ("VBD", "VBN") and word.text not in _SAID_OF and _ends_phrase(words, index):
            word.kind = Kind.NOUN  # "a cream colored bedspread"
    elif word.kind in (Kind.ADJECTIVE, Kind.ADVERB) and word.text in noun_lists.SURE_NOUNS and following.kind is not Kind.NOUN:
        word.kind = Kind.NOUN
    elif word.text in _DESCRIBING and following.kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.AND):
        word.kind = Kind.ADJECTIVE if noun_ahead(words, index + 1 + (following.kind is Kind.AND)) else word.kind
    elif _varies_a_modifier(words, index):
        word.kind = Kind.ADJECTIVE
    elif (word.kind is Kind.ADJECTIVE or _tints(words[index - 1])) and _ends_phrase(words, index):
        word.kind = Kind.NOUN
        if _tints(words[index - 1]):
            words[index - 1].kind = Kind.ADJECTIVE  # "a red and white checkered tablecloth"


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
    if previous.text == "to" or (word.tag == "VBZ" and wears(words, index - 1)):
        return False
    verb = word.text in lexicon.SURE_VERBS and word.text not in noun_lists.SURE_NOUNS and following.kind in _AFTER_VERB
    if word.tag in ("VB", "VBP", "VBZ") and (opened or previous.kind is Kind.ADJECTIVE) and not predicative(words, index - 1):
        return not verb
    if word.tag in ("VB", "VBP") and previous.kind is Kind.NOUN and previous.tag == "NN" and word.text not in lexicon.SURE_VERBS:
        return True
    if previous.text == "teddy":
        return True
    if word.tag in ("VB", "VBP") and previous.kind is Kind.AND and not following.text and word_at(words, index - 2).kind is Kind.NOUN:
        return True
    known = word.text in noun_lists.SURE_NOUNS
    listed = previous.kind is Kind.AND and word_at(words, index - 2).kind is Kind.NOUN and word.text not in lexicon.SURE_VERBS
    return known and (opened or listed or previous.kind in (Kind.ADJECTIVE, Kind.PREPOSITION) or following.kind is Kind.NOUN)


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
