"""A text of YAML whose parts know their key and line, so that a refusal can name both."""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.composer import ComposerError

from workbench.errors import InvalidInputError
from workbench.texts import is_text

__all__ = ["Written", "read_text"]

Path = tuple[str | int, ...]
LONGEST, DEEPEST = 1_000_000, 30
"""Characters of a text, and levels of its values."""


@dataclass(frozen=True)
class Written:
    """A value somebody wrote: where it stands, and what it may be."""

    value: Any
    path: Path = ()
    lines: Mapping[Path, int] = field(default_factory=dict)
    """The line of each part, from 1; empty where the value came from a form."""

    def fail(self, says: str) -> NoReturn:
        """Raise InvalidInputError that names the key and, where there is one, the line."""
        key = ".".join(map(str, self.path))
        line = next((self.lines[path] for path in (self.path[:end] for end in range(len(self.path), -1, -1)) if path in self.lines), None)
        place = ", ".join(filter(None, [f"line {line}" if line else "", f"`{key}`" if key else ""]))
        raise InvalidInputError(f"{place}: {says}" if place else says)

    def at(self, name: str | int) -> "Written":
        """The part under a key or a place of a list."""
        return Written(self.value[name], (*self.path, name), self.lines)

    def parts(self, readers: Mapping[str, Callable[["Written"], Any]], what: str) -> dict[str, Any]:
        """What a mapping says, each part read by its reader; what is left out is left out. Refuses unknown parts."""
        if not isinstance(self.value, Mapping):
            self.fail(f"{what} is a mapping of its parts to values; got {_told(self.value)}.")
        for name in self.value:
            if name not in readers:
                near = difflib.get_close_matches(str(name), readers, 1)
                meant = f'; did you mean "{near[0]}"?' if near else f"; it has {', '.join(readers)}."
                self.at(name).fail(f"{what} has no part {name!r}{meant}")
        return {name: readers[name](self.at(name)) for name in self.value}

    def text(self, *, empty: bool = False) -> str:
        """A text; not an empty one unless that is allowed."""
        if not isinstance(self.value, str) or not (empty or self.value.strip()):
            self.fail(f"a text belongs here; got {_told(self.value)}.")
        return self.value.strip()

    def truth(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.fail(f"this is true or false; got {_told(self.value)}.")
        return self.value

    def number(self, least: int, most: int | None = None) -> int:
        """A whole number within bounds."""
        fits = isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= least
        if not fits or (most is not None and self.value > most):
            bounds = f"{least} or more" if most is None else f"from {least} to {most}"
            self.fail(f"a whole number, {bounds}, belongs here; got {_told(self.value)}.")
        return self.value

    def one_of(self, known: Iterable[str]) -> str:
        """One of the words that are known here."""
        known = list(known)
        if self.value is False and "off" in known:  # YAML 1.1 reads a bare `off` as false
            return "off"
        if self.value not in known or not isinstance(self.value, str):
            self.fail(f"this is one of {', '.join(known)}; got {_told(self.value)}.")
        return self.value

    def each(self, reader: Callable[["Written"], Any]) -> tuple[Any, ...]:
        """Every item of a list."""
        if not isinstance(self.value, list | tuple):
            self.fail(f"a list belongs here; got {_told(self.value)}.")
        return tuple(reader(self.at(place)) for place in range(len(self.value)))


def _told(value: Any) -> str:
    return "nothing" if value is None else repr(value)


def read_text(text: str, what: str) -> Written:
    """The mapping in a YAML text; raises InvalidInputError that names the line where it is broken or a key comes twice.

    Texts of strangers are read: aliases (with which a few lines unfold into gigabytes), depth beyond DEEPEST, numbers that are none or
    beyond 64 bits, and what is no character are refused.
    """
    if len(text) > LONGEST:
        raise InvalidInputError(f"{what} has {len(text):,} characters; at most {LONGEST:,} are read.")
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
        value = yaml.load(text, Loader=_PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise InvalidInputError(f"{line}{what} cannot be read as YAML: {getattr(error, 'problem', None) or error}.") from None
    except (ValueError, OverflowError, TypeError) as error:  # a date of month 13, a number of 5,000 digits
        raise InvalidInputError(f"{what} cannot be read as YAML: {error}.") from None
    if not isinstance(value, dict):
        raise InvalidInputError(f"{what} holds no mapping of names to values.")
    lines: dict[Path, int] = {}
    _walk(node, (), lines)
    written = Written(value, (), lines)
    _require_plain(written)
    return written


class _PlainLoader(yaml.SafeLoader):
    """YAML without aliases and of bounded depth."""

    depth = 0

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise ComposerError(None, None, "it uses an alias (*name); write the value out", self.peek_event().start_mark)
        self.depth += 1
        if self.depth > DEEPEST:
            raise ComposerError(None, None, f"values stand more than {DEEPEST} deep", self.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _require_plain(written: Written) -> None:
    """Refuse, with their places, values that neither JSON nor a database can hold."""
    value = written.value
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str | int | float | bool | None) or not is_text(str(name)):
                written.fail(f"{str(name)[:60]!a} is no name of a part.")
            _require_plain(written.at(name))
    elif isinstance(value, list | tuple):
        for place in range(len(value)):
            _require_plain(written.at(place))
    elif isinstance(value, str) and not is_text(value):
        written.fail("a text holds a character that is none (a null or half of a pair).")
    elif isinstance(value, float) and not math.isfinite(value):
        written.fail(f"a number belongs here; got {value}.")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        written.fail("a number belongs here that 64 bits hold.")


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, part in node.value:
            inner = (*path, key.value)
            if inner in lines:
                raise InvalidInputError(f"line {key.start_mark.line + 1}: `{'.'.join(map(str, inner))}` is there twice; keep one of them.")
            lines[inner] = key.start_mark.line + 1
            _walk(part, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for place, part in enumerate(node.value):
            _walk(part, (*path, place), lines)
