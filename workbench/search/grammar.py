"""The query grammar of the store, from text to a tree.

    query := or            or := and ("OR" and)*       and := not (["AND"] not)*       not := "NOT" not | atom
    atom  := "(" or ")" | key:value[,value…] | "reviewed" | "quoted phrase" | word

A value may be quoted (`object:"fire truck"`); numbers compare (`tokens:>75`, `tokens:10-20`); `*` stands for any characters in names
and at the end of a word or phrase for any ending (`gre*`). A basic color term asks for all colors under it (`color:blue` finds navy),
another color word for itself (`color:teal`). `like:12` asks for the images most like one, `map:100x200-300x400` for those in a part of
the map of the library. `sort:longest` orders what matches. AND, OR and NOT are written in capitals.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from workbench.errors import InvalidInputError
from workbench.imaging import BASIC_TERMS, basic_term
from workbench.search.query_values import KEYS
from workbench.texts import is_text


@dataclass(frozen=True)
class Term:
    """`key:value,value`: any of the values."""

    key: str
    values: tuple[Any, ...]
    """Texts, or spans of whole numbers, as the key has them."""


@dataclass(frozen=True)
class Words:
    """A word, or words in this order, somewhere in a caption; with `prefix` the last one may go on."""

    text: str
    prefix: bool = False

    @property
    def stem(self) -> str:
        """What an index of stems holds for a prefix that reaches into an ending: of "flyi" it is "fly"; empty where it does not."""
        if not self.prefix or " " in self.text:
            return ""
        stem = next((self.text.removesuffix(ending) for ending in ("ing", "in", "i") if self.text.endswith(ending)), "")
        return stem if len(stem) >= SHORTEST_STEM else ""


@dataclass(frozen=True)
class Not:
    """What does not match."""

    node: "Node"


@dataclass(frozen=True)
class And:
    """What matches all; everything where there are none."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True)
class Or:
    """What matches any."""

    nodes: tuple["Node", ...]


Node = Term | Words | Not | And | Or


@dataclass(frozen=True)
class Query:
    """A query as written and as read; `sort` is one of SORTS, or empty for the order that the caller has."""

    text: str
    root: Node
    sort: str = ""


LONGEST, DEEPEST, MOST = 10_000, 50, 200
"""Characters, levels and conditions of a query."""
SHOWN = 200
SHORTEST_STEM = 3
TOKEN = re.compile(r'\s+|(?P<bracket>[()])|(?P<key>[A-Za-z_]+):|(?P<quoted>"[^"]*")|(?P<bare>[^\s()"]+)')
VALUE = re.compile(r'"([^"]*)"|([^\s(),"]+)')


def parse(text: str) -> Query:
    """Read a query; an empty one matches everything. Raises InvalidInputError naming the place that cannot be read, or what is too much."""
    if len(text) > LONGEST:
        raise InvalidInputError(f"The query has {len(text):,} characters; at most {LONGEST:,} are read.")
    if not is_text(text):
        raise InvalidInputError("The query holds a character that is no text (a null or half of a pair); remove it.")
    reader = _Reader(text)
    root = And(()) if reader.at_end() else reader.alternatives()
    if not reader.at_end():
        raise reader.error('this ")" closes nothing')
    return Query(text, root, reader.sort)


def _colored(values: list[str]) -> Node:
    """The captions with one of these colors: a basic term stands for all colors under it, another word for itself."""
    basic = tuple(term for value in values if (term := _basic(value)))
    nodes: list[Node] = [Term("color", basic)] if basic else []
    nodes += [And((Term("color", (basic_term(value),)), Words(value))) for value in values if not _basic(value)]
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _basic(value: str) -> str | None:
    """The basic term that a word is, in either spelling; None for a word under one."""
    return basic_term(value) if value in (*BASIC_TERMS, "grey") else None


class _Reader:
    """One pass over the text by recursive descent; `place` is the next character."""

    def __init__(self, text: str):
        self.text = text
        self.place = 0
        self.depth = self.conditions = 0
        self.sort = ""

    def error(self, reason: str, place: int | None = None) -> InvalidInputError:
        place = self.place if place is None else place
        shown = self.text if len(self.text) <= SHOWN else f"{self.text[:SHOWN]}…"
        return InvalidInputError(f'The query "{shown}" cannot be read at character {place + 1}: {reason}.')

    def peek(self) -> re.Match | None:
        """The next token that is no white space; None at the end."""
        while match := TOKEN.match(self.text, self.place):
            if match.lastgroup:
                return match
            self.place = match.end()
        if self.place < len(self.text):
            raise self.error('the quotation that opens here is not closed with "')
        return None

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One step further inside of brackets or NOT; raises InvalidInputError beyond DEEPEST."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"brackets and NOT stand more than {DEEPEST} deep in each other")
        yield
        self.depth -= 1

    def count(self) -> None:
        """One more condition; raises InvalidInputError beyond MOST, which is what databases take in one statement."""
        self.conditions += 1
        if self.conditions > MOST:
            raise self.error(f"there are more than {MOST} conditions")

    def at_end(self) -> bool:
        return self.peek() is None

    def word_is(self, word: str) -> bool:
        match = self.peek()
        return bool(match) and match["bare"] == word

    def skip(self) -> None:
        match = self.peek()
        self.place = len(self.text) if match is None else match.end()

    def alternatives(self) -> Node:
        nodes = [self.conjunction()]
        while self.word_is("OR"):
            self.skip()
            nodes.append(self.conjunction())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def conjunction(self) -> Node:
        nodes = [self.negation()]
        while (match := self.peek()) and match["bracket"] != ")" and match["bare"] != "OR":
            if match["bare"] == "AND":
                self.skip()
            nodes.append(self.negation())
        nodes = [node for node in nodes if node != And(())] or nodes[:1]  # an order asks for nothing
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def negation(self) -> Node:
        if self.word_is("NOT"):
            self.skip()
            with self.deeper():
                if (match := self.peek()) and (match["key"] or "").lower() == "sort":
                    raise self.error("an order cannot be denied")
                return Not(self.negation())
        return self.atom()

    def atom(self) -> Node:
        match = self.peek()
        if match is None:
            raise self.error("something is missing at the end")
        if match["bracket"] == "(":
            return self.group()
        if match["bracket"] or match["bare"] in ("AND", "OR"):
            raise self.error(f'something is missing before "{match[0]}"')
        self.count()
        self.place = match.end()
        if match["key"]:
            return self.term(match["key"], match.start())
        if match["bare"] == "reviewed":
            return Term("has", ("review",))
        words = (match["quoted"] or match["bare"]).strip('"')
        if not any(character.isalnum() for character in words):
            raise self.error(f'"{words}" has no letters to search for', match.start())
        return Words(words.rstrip("*"), prefix=words.endswith("*"))

    def group(self) -> Node:
        opening = self.place
        self.skip()
        with self.deeper():
            inside = self.alternatives()
        match = self.peek()
        if match is None:
            raise self.error('the "(" that opens here is not closed', opening)
        self.place = match.end()
        return inside

    def term(self, key: str, start: int) -> Node:
        if key.lower() not in KEYS:
            raise self.error(f'there is no key "{key}"; the keys are {", ".join(KEYS)} (quote text that has a colon)', start)
        values = [self.value(key.lower())]
        while self.text.startswith(",", self.place):
            self.place += 1
            self.count()
            values.append(self.value(key.lower()))
        if key.lower() == "sort":
            if len(values) > 1 or (self.sort and self.sort != values[0]):
                raise self.error("one order is enough", start)
            self.sort = str(values[0])
            return And(())
        return _colored(values) if key.lower() == "color" else Term(key.lower(), tuple(values))

    def value(self, key: str) -> Any:
        match = VALUE.match(self.text, self.place)
        value_text = (match[1] if match[1] is not None else match[2]) if match else ""
        if match is None or not value_text.strip():
            raise self.error(f'"{key}:" needs a value')
        try:
            value = KEYS[key](value_text)
        except ValueError as error:
            raise self.error(str(error)) from None
        self.place = match.end()
        return value
