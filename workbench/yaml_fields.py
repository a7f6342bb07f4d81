"""From YAML to checked models (pydantic): documents that know the line of each part, and refusals that name key, line and remedy.

A model is a frozen dataclass with `__pydantic_config__ = part("A scale")`. What its annotations cannot say, its validators refuse with a
ValueError in a sentence, or with `refusals` where the sentence belongs to one key of several.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BeforeValidator, ConfigDict, StrictBool, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from yaml.composer import ComposerError

from workbench.errors import InvalidInputError
from workbench.texts import is_text

__all__ = [
    "Document",
    "FilledText",
    "Path",
    "Text",
    "Truth",
    "mapping_of",
    "one_of",
    "part",
    "read_text",
    "refusals",
    "refuse",
    "told",
    "validate",
]

Path = tuple[str | int, ...]
Model = TypeVar("Model")
LONGEST, DEEPEST, MOST_TOLD = 1_000_000, 30, 8
"""Characters of a text, levels of its values, and problems that are told at once."""

Text = Annotated[str, StringConstraints(strict=True, strip_whitespace=True)]
FilledText = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
Truth = StrictBool


class Document(dict[str, Any]):
    """A mapping that was read from YAML; `lines` holds the line of each part, from 1."""

    lines: Mapping[Path, int]


def part(title: str) -> ConfigDict:
    """How a model is checked: parts it does not have are refused. The title begins sentences: "A scale"."""
    return ConfigDict(extra="forbid", title=title)


def one_of(words: Iterable[str]) -> BeforeValidator:
    """Takes one of these words."""
    words = tuple(words)

    def check(value: Any) -> Any:
        if value is False and "off" in words:  # YAML 1.1 reads a bare `off` as false
            return "off"
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"this is one of {', '.join(words)}; got {told(value)}.")
        return value

    return BeforeValidator(check)


def mapping_of(sentence: str, *, needs: str | None = None) -> Callable[[Any], Any]:
    """Takes a mapping, where `needs` says so one that has this key; the sentence tells what is read."""

    def check(value: Any) -> Any:
        if not isinstance(value, Mapping) or (needs is not None and not value.get(needs)):
            raise ValueError(f"{sentence}; got {told(value)}.")
        return value

    return check


def told(value: Any) -> str:
    """A value as a sentence quotes it, cut to a line."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}…"


def refusals(problems: Mapping[Path, str]) -> ValidationError:
    """For a model's own validator to raise: sentences, each under the key that it is about."""
    details: Any = [{"type": "value_error", "loc": path, "ctx": {"error": ValueError(says)}} for path, says in problems.items()]
    return ValidationError.from_exception_data("refused", details)


def refuse(problems: Mapping[Path, str], document: Any = None) -> None:
    """Raise InvalidInputError with all problems, a line each, by key and, for a Document, by line; none pass."""
    lines = document.lines if isinstance(document, Document) else {}
    line_of = {path: next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), 0) for path in problems}
    sentences = []
    for path in sorted(problems, key=lambda path: line_of[path]):
        place = [f"line {line_of[path]}"] if line_of[path] else []
        place += [f"`{'.'.join(map(str, path))}`"] if path else []
        sentences.append(f"{', '.join(place)}: {problems[path]}" if place else problems[path])
    if len(sentences) > MOST_TOLD:
        sentences[MOST_TOLD:] = [f"… and {len(sentences) - MOST_TOLD} more."]
    if sentences:
        raise InvalidInputError("\n".join(sentences))


def validate(model: type[Model], content: Any, path: Path = ()) -> Model:
    """A mapping as a model; raises InvalidInputError that names every key at fault, and its line where `content` is a Document.

    `path` says where in its file the mapping stands.
    """
    adapter = _adapter(model)
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        details = error.errors(include_url=False)
    schema = adapter.json_schema()
    problems: dict[Path, str] = {}
    for detail in details:
        place = tuple(step for step in detail["loc"] if step != "[key]")
        problems.setdefault((*path, *place), _sentence(detail, place, schema))
    refuse(problems, content)
    raise AssertionError(f"{model} was refused without a reason")


@cache
def _adapter(model: type[Model]) -> TypeAdapter[Model]:
    return TypeAdapter(model)


def _sentence(detail: ErrorDetails, place: Path, schema: dict[str, Any]) -> str:
    """What pydantic found, in the words of the workbench."""
    value = told(detail["input"])
    match detail["type"]:
        case "value_error":
            return str(detail.get("ctx", {}).get("error"))
        case "unexpected_keyword_argument" | "invalid_key":
            return _unknown(place[-1], _part_at(schema, place[:-1]))
        case "missing":
            return f"{_part_at(schema, place[:-1])['title']} needs this part, and it is left out."
        case "dataclass_type" | "dict_type":
            title = _part_at(schema, place).get("title", "This")
            return f"{title} is a mapping of its parts to values; got {value}."
        case "tuple_type":
            return f"a list belongs here; got {value}."
        case "bool_type":
            return f"this is true or false; got {value}."
        case "string_type" | "string_too_short":
            return f"a text belongs here; got {value}."
        case "enum":
            return f"this is one of {', '.join(_part_at(schema, place)['enum'])}; got {value}."
        case "int_type" | "greater_than_equal" | "less_than_equal":
            return f"a whole number{_bounds(_part_at(schema, place))} belongs here; got {value}."
    return f"{detail['msg']}; got {value}."


def _bounds(number: dict[str, Any]) -> str:
    least, most = number.get("minimum"), number.get("maximum")
    return "" if least is None else f", {least} or more," if most is None else f", from {least} to {most},"


def _unknown(name: str | int, model: dict[str, Any]) -> str:
    known = model["properties"]
    near = difflib.get_close_matches(str(name), known, 1)
    meant = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(known)}."
    return f'{model["title"]} has no part "{name}"; {meant}'


def _part_at(schema: dict[str, Any], place: Path) -> dict[str, Any]:
    """The JSON schema of what stands at a place."""
    node = schema
    for step in (*place, None):
        while "$ref" in node or "anyOf" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]] if "$ref" in node else node["anyOf"][0]
        if step is not None:
            node = node.get("properties", {}).get(step) or node.get("items") or node.get("additionalProperties") or {}
    return node


def read_text(text: str, what: str) -> Document:
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
    document = Document(value)
    document.lines = _lines(node)
    refuse(dict(_unstorable(value, ())), document)
    return document


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


def _unstorable(value: Any, path: Path) -> Iterable[tuple[Path, str]]:
    """Values that neither JSON nor a database can hold, with their places."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str | int | float | bool | None) or not is_text(str(name)):
                yield path, f"{str(name)[:60]!a} is no name of a part."
            else:
                yield from _unstorable(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unstorable(inner, (*path, place))
    elif isinstance(value, str):
        if not is_text(value):
            yield path, "a text holds a character that is none (a null or half of a pair)."
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, f"a number belongs here; got {value}."
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        yield path, "a number belongs here that 64 bits hold."
    elif not isinstance(value, int | float | None):  # a date, bytes, a set
        yield path, f"a text, number, list or mapping belongs here; put {told(value)} in quotes where it is meant as a text."


def _lines(root: yaml.Node) -> dict[Path, int]:
    """The line of each part; raises InvalidInputError where a key comes twice."""
    lines: dict[Path, int] = {}

    def walk(node: yaml.Node, path: Path) -> None:
        lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, inner in node.value:
                place = (*path, key.value)
                if place in lines:
                    raise InvalidInputError(
                        f"line {key.start_mark.line + 1}: `{'.'.join(map(str, place))}` is there twice; keep one of them."
                    )
                lines[place] = key.start_mark.line + 1
                walk(inner, place)
        elif isinstance(node, yaml.SequenceNode):
            for index, inner in enumerate(node.value):
                walk(inner, (*path, index))

    walk(root, ())
    return lines
