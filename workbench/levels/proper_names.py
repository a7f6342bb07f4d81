"""Color words that belong to a name or an idiom and ask for no color: "the White House", "Betty White", "a black woman"."""

from workbench.levels import lexicon
from workbench.levels.tokens import MODIFIERS, NOMINAL, Kind, Word, word_at
from workbench.levels.word_senses import VERB, senses

__all__ = ["mark_names", "silence_writing"]

_QUOTES = ('"', "“", "”", "``", "''")
_SINGLE_QUOTES = ("'", "‘", "’")
_LONGEST_WRITING = 12
"""Words in a row: a longer stretch between two quotation marks is no writing on a thing."""
_OF_PEOPLE = ("black", "white", "brown")


def mark_names(words: list[Word]) -> None:
    """Take the color from color words that belong to a name or say what people are."""
    for index, word in enumerate(words):
        if word.kind is Kind.COLOR and (_describes_people(words, index) or _in_name(words, index)):
            surname = _ends_name(words, index)
            word.kind, word.terms = Kind.NOUN if surname else Kind.ADJECTIVE, ()


def _describes_people(words: list[Word], index: int) -> bool:
    """Whether a color word says what people are: "a black woman", "black and white children", but not "a white female dog"."""
    if words[index].text not in _OF_PEOPLE:
        return False
    after = index + 1
    while word_at(words, after).kind in MODIFIERS or (word_at(words, after).kind is Kind.AND and words[after - 1].text in _OF_PEOPLE):
        if word_at(words, after).kind is Kind.COLOR and word_at(words, after).text not in _OF_PEOPLE:
            return False
        if word_at(words, after).text in lexicon.PEOPLE_OF_RACE and word_at(words, after + 1).kind is not Kind.NOUN:
            return True
        after += 1
    if word_at(words, after).text not in lexicon.PEOPLE_OF_RACE:
        return False
    following = word_at(words, after + 1)
    return following.kind is not Kind.NOUN or following.text in lexicon.PEOPLE_OF_RACE or following.text in lexicon.SURE_VERBS


def _in_name(words: list[Word], index: int) -> bool:
    """Whether a capital says that a color word belongs to a name: "the White House", "Mr. Brown", "Betty White"."""
    word, previous, following = words[index], word_at(words, index - 1), word_at(words, index + 1)
    if not word.capital or "-" in word.text:
        return False
    if following.capital and following.kind is not Kind.COLOR and following.text[:1].isalpha():
        return True
    named = previous.tag == "NNP" and (previous.capital or previous.opens)
    return (previous.text in lexicon.TITLES or named) and _ends_name(words, index)


def _ends_name(words: list[Word], index: int) -> bool:
    """Whether no noun follows: "Betty White laughs", not "the White House"."""
    following = word_at(words, index + 1)
    acts = following.tag == "NNS" and VERB in senses(following.text) and word_at(words, index + 2).kind is not Kind.VERB
    return following.kind not in NOMINAL or acts


def silence_writing(words: list[Word]) -> None:
    """Take what is written on a thing for marks, not for words: "a sign that says 'Green Street'", "the word Stop on a sign"."""
    index = 0
    while index < len(words):
        closing = _closing_quote(words, index)
        for word in words[index + 1 : closing] if closing else ():
            word.text, word.tag = '"', "''"
        if closing is None and words[index].text in lexicon.READING:
            _silence_capitals(words, index + 1)
        index = (closing or index) + 1


def _closing_quote(words: list[Word], index: int) -> int | None:
    """Where a quotation of writing that opens here ends; single quotes count only after a word like "says"."""
    read = any(word.text in lexicon.READING for word in words[max(0, index - 3) : index])
    if words[index].text in _SINGLE_QUOTES:
        marks = (*_QUOTES, *_SINGLE_QUOTES)
    elif words[index].text in _QUOTES:
        marks, read = _QUOTES, True
    else:
        return None
    last = min(len(words), index + _LONGEST_WRITING + 2)
    return next((place for place in range(index + 1, last) if words[place].text in marks), None) if read else None


def _silence_capitals(words: list[Word], index: int) -> None:
    """Silence the capitals after "the word" or "says": "a sign that says No Parking", "the word Accordion"."""
    if words[index - 1].text in ("word", "words") and word_at(words, index).tag.startswith("NN"):
        words[index].text, words[index].tag = '"', "''"
        index += 1
    while index < len(words) and words[index].capital:
        words[index].text, words[index].tag = '"', "''"
        index += 1
