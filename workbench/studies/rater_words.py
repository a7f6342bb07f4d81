"""The words of the raters' page in a language: those that come with the workbench, or a file of the study's author."""

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator

from workbench.errors import InvalidInputError, WorkbenchError
from workbench.yaml_fields import Path, Text, mapping_of, read_text, refusals, refuse, told

__all__ = [
    "ENGLISH", "LANGUAGES", "OwnWords", "PackagedLanguage", "Words", "file_of", "problems_of", "read_file", "refused", "told_in",
    "words_in",
]  # fmt: skip

LANGUAGES = ("en", "de")
"""Of the files in `languages/`."""
PARTS = ("language", "direction", "words")
DIRECTIONS = ("ltr", "rtl")
MOST_NAMED = 8
TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PLACE = re.compile(r"\{(\w+)\}")

Refused = TypeVar("Refused", bound=WorkbenchError)


@dataclass(frozen=True)
class Words:
    """Every word of the page in one language."""

    language: str
    """As HTML's `lang` has it (BCP 47)."""
    direction: str
    """`ltr` or `rtl`."""
    sentences: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **facts: object) -> str:
        """The sentence of a key, its places filled in."""
        return PLACE.sub(lambda place: str(facts[place[1]]), self.sentences[key])

    def stored(self) -> dict[str, object]:
        """As a file and a design hold them."""
        return {"language": self.language, "direction": self.direction, "words": dict(self.sentences)}


def file_of(language: str) -> str:
    """The text of the file of a language that comes with the workbench."""
    return (files("workbench.studies.languages") / f"{language}.yaml").read_text("utf-8")


def read_file(text: str, name: str) -> Words:
    """The words in the text of a file; raises InvalidInputError that names the file, every key at fault, and its line."""
    document = read_text(text, name)
    try:
        refuse(problems_of(document), document)
    except InvalidInputError as error:
        raise InvalidInputError(f"{name}, {error}") from None
    return _as_words(document)


def _as_words(mapping: Mapping[str, Any]) -> Words:
    return Words(
        mapping["language"], mapping.get("direction", DIRECTIONS[0]), {key: each.strip() for key, each in mapping["words"].items()}
    )


def problems_of(mapping: Mapping[str, Any]) -> dict[Path, str]:
    """What is missing, unknown or wrong in a mapping of words, by its key; nothing where it is whole."""
    problems: dict[Path, str] = {(name,): _unknown(name, PARTS) for name in mapping if name not in PARTS}
    if not isinstance(tag := mapping.get("language"), str) or not TAG.fullmatch(tag):
        problems["language",] = f"a language is a tag such as en, de or pt-BR; got {told(tag)}."
    if mapping.get("direction", DIRECTIONS[0]) not in DIRECTIONS:
        problems["direction",] = f"this is one of {', '.join(DIRECTIONS)}; got {told(mapping['direction'])}."
    words = mapping.get("words")
    if not isinstance(words, Mapping):
        return problems | {(): "a file of words holds them under `words`; `workbench studies words en` prints a whole one."}
    known = ENGLISH.sentences
    if missing := [key for key in known if key not in words]:
        more = " …" if len(missing) > MOST_NAMED else ""
        says = f"{len(missing)} of {len(known)} words are missing: {', '.join(missing[:MOST_NAMED])}{more}."
        problems["words",] = says
    return problems | {("words", key): says for key in words if (says := _wrong(key, words[key])) is not None}


def _wrong(key: str, sentence: Any) -> str | None:
    """What is wrong with a sentence, if anything is."""
    english = ENGLISH.sentences.get(key)
    if english is None:
        return _unknown(key, ENGLISH.sentences)
    if not isinstance(sentence, str) or not sentence.strip():
        return f"a text belongs here; got {told(sentence)}."
    places = sorted(set(PLACE.findall(english)))
    if sorted(set(PLACE.findall(sentence))) == places:
        return None
    listing = ", ".join(f"{{{place}}}" for place in places) or "nothing in braces"
    return f"this sentence has a place for {listing}, as in English: “{english}”."


def _unknown(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(known), 1)
    return f'the page has no word "{name}"' + (f'; did you mean "{near[0]}"?' if near else ".")


def _own_words(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    if mapping and (problems := problems_of(mapping)):
        raise refusals(problems)
    return mapping


def _packaged_language(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(
            f"the raters' page comes in {', '.join(LANGUAGES)}; got {told(language)}. For another write a file of words (begin with "
            "`workbench studies words en`) and name it under `words`."
        )
    return language


OwnWords = Annotated[dict[str, Any], BeforeValidator(mapping_of("words are a file's name, or what is in it")), AfterValidator(_own_words)]
"""In a design: the words of a language, as its file has them; none by default."""
PackagedLanguage = Annotated[Text, AfterValidator(_packaged_language)]
"""In a design: a language that comes with the workbench."""


@lru_cache(maxsize=len(LANGUAGES))
def _packaged(language: str) -> Words:
    return _as_words(read_text(file_of(language), f"{language}.yaml"))


ENGLISH = _packaged("en")


def words_in(language: str, own: Mapping[str, object]) -> Words:
    """The words of a language that comes with the workbench, or those that a design brings itself."""
    return _own(json.dumps(own)) if own else _packaged(language)


@lru_cache(maxsize=64)
def _own(text: str) -> Words:
    return _as_words(json.loads(text))


def refused(kind: type[Refused], word: str, **facts: str) -> Refused:
    """An error in English whose sentence the rater's page can tell in the study's language."""
    error = kind(ENGLISH.say(f"refused_{word}", **facts))
    error.word, error.facts = f"refused_{word}", facts
    return error


def told_in(words: Words, error: WorkbenchError) -> str:
    """What an error says, in these words where it is one that raters meet."""
    return words.say(error.word, **error.facts) if error.word else str(error)
