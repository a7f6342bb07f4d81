"""From a query of the grammar to conditions on images and on captions, for SQLite and PostgreSQL; `search` finds the rows quickly.

Of images, terms about captions that stand together (`level:partial color:red`) must be true of one and the same caption, and
`NOT level:scarce` asks for images without any scarce caption. Dropped captions count only where `status:` is asked for.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, String, and_, bindparam, exists, false, func, not_, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NULLTYPE

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Duplicate, Grounding, Image, ImageTag, Mention, Region, Review
from workbench.facts import MOST_TOKENS, PUNCTUATION, color_fact, estimated_tokens, object_fact
from workbench.grammar import And, Node, Not, Or, Query, Span, Term, Words, parse

__all__ = [
    "MOST_TOKENS",
    "OF_A_CAPTION",
    "Query",
    "about_a_caption",
    "caption_condition",
    "caption_filter",
    "estimated_tokens",
    "image_condition",
    "image_filter",
    "image_term",
    "like",
    "names_status",
    "parse",
    "with_status",
]

Condition = ColumnElement[bool]

OF_A_CAPTION = frozenset({"caption", "color", "level", "object", "origin", "status", "tokens"})


class _contains(FunctionElement):  # noqa: N801  (reads as the SQL function that it is)
    """Whether the caption (id, text) has the words in this order: by a list of all that have them, made once for the statement."""

    type = NULLTYPE  # no Boolean, of which SQLite would be asked whether it equals 1, past its indexes
    inherit_cache = True


class _contains_this(_contains):  # noqa: N801
    """The same, looked up for each caption: for statements that come to few of them."""

    inherit_cache = True


@compiles(_contains, "sqlite")
def _listed(element, compiler, **options) -> str:
    caption_id, _text, words = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{caption_id} IN (SELECT rowid FROM caption_search WHERE {_fts5(words)})"


@compiles(_contains_this, "sqlite")
def _looked_up(element, compiler, **options) -> str:
    caption_id, _text, words = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM caption_search WHERE {_fts5(words)} AND caption_search.rowid = {caption_id})"


def _fts5(words: str) -> str:
    return f"caption_search MATCH '\"' || replace({words}, '\"', '') || '\"'"


@compiles(_contains, "postgresql")
@compiles(_contains_this, "postgresql")
def _tsvector(element, compiler, **options) -> str:
    _caption_id, text, words = (compiler.process(clause, **options) for clause in element.clauses)
    asked = f"phraseto_tsquery('english', {words})"
    return f"(numnode({asked}) = 0 OR to_tsvector('english', {text}) @@ {asked})"  # nothing but stop words asks for nothing


class _like_any_case(FunctionElement):  # noqa: N801
    """Whether a text fits a LIKE pattern with the escape \\, whatever the case of its ASCII letters."""

    type = NULLTYPE
    inherit_cache = True


@compiles(_like_any_case)
def _like_on_sqlite(element, compiler, **options) -> str:
    column, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} {'ILIKE' if compiler.dialect.name == 'postgresql' else 'LIKE'} {pattern} ESCAPE '\\'"


def image_filter(query: Query) -> Condition:
    """The condition on `Image` that a query states."""
    return image_condition(query.root, every=True)


def caption_filter(query: Query) -> Condition:
    """The condition on `Caption` that a query states; dropped captions only where the query names a status."""
    asked = caption_condition(query.root, every=True)
    return asked if names_status(query.root) else and_(Caption.status != CaptionStatus.DROPPED, asked)


def image_condition(node: Node, every: bool) -> Condition:
    """The condition on `Image` of a part of a query; `every` where it is put to every row rather than to few."""
    match node:
        case Not(inner):
            return not_(image_condition(inner, every))
        case Or(nodes) if not about_a_caption(node):
            return or_(false(), *(image_condition(inner, every) for inner in nodes))
        case And(nodes):
            together = [inner for inner in nodes if about_a_caption(inner)]
            apart = [image_condition(inner, every) for inner in nodes if inner not in together]
            return and_(true(), *apart, *([_some_caption(together, every)] if together else []))
        case Term(key, values) if key not in OF_A_CAPTION:
            return or_(*(image_term(key, value) for value in values))
    return _some_caption([node], every)


def _some_caption(nodes: list[Node], every: bool) -> Condition:
    kept = [] if any(names_status(node) for node in nodes) else [Caption.status != CaptionStatus.DROPPED]
    asked = (caption_condition(node, every) for node in nodes)
    return exists().where(Caption.image_id == Image.id, *kept, *asked).correlate(Image)


def caption_condition(node: Node, every: bool) -> Condition:
    """The condition on `Caption` of a part of a query, dropped ones included; `every` where it is put to every row rather than to few."""
    match node:
        case Not(inner):
            return not_(caption_condition(inner, every))
        case Or(nodes):
            return or_(false(), *(caption_condition(inner, every) for inner in nodes))
        case And(nodes):
            return and_(true(), *(caption_condition(inner, every) for inner in nodes))
        case Words(text):
            contains = _contains if every else _contains_this
            return contains(Caption.id, Caption.text, bindparam(None, text, String(), unique=True))
        case Term(key, values) if key in OF_A_CAPTION:
            return or_(*(_CAPTION_TERMS[key](value) for value in values))
        case Term("has", values):
            return or_(*(_CAPTION_HAS.get(value, lambda value=value: _its_image("has", value))() for value in values))
        case Term(key, values):
            return or_(*(_its_image(key, value) for value in values))
    raise TypeError(f"expected a node of the grammar, got {type(node)}")


def _its_image(key: str, value: str | Span) -> Condition:
    return exists().where(Image.id == Caption.image_id, image_term(key, value)).correlate(Caption)


def image_term(key: str, value: str | Span) -> Condition:
    """The condition on `Image` of one value of a key about images."""
    match key:
        case "has":
            return _IMAGE_HAS[value]()
        case "id":
            return _within(Image.id, value)
        case "source":
            return like(Image.source, value)
        case "tag":
            return exists().where(ImageTag.image_id == Image.id, like(ImageTag.tag, value)).correlate(Image)
        case "file":
            return like(Image.file_name, value if "*" in value else f"*{value}*")
    raise ValueError(f"expected a key about images, got {key!r}")


_IMAGE_HAS: dict[str, Callable[[], Condition]] = {
    "caption": lambda: exists().where(Caption.image_id == Image.id, Caption.status != CaptionStatus.DROPPED).correlate(Image),
    "colorization": lambda: exists().where(Colorization.image_id == Image.id).correlate(Image),
    "duplicate": lambda: exists().where(or_(Duplicate.image_id == Image.id, Duplicate.original_id == Image.id)).correlate(Image),
    "mask": lambda: exists().where(Region.image_id == Image.id).correlate(Image),
    "reference": lambda: Image.has_reference.is_(true()),
    "review": lambda: exists().where(Colorization.image_id == Image.id, Review.colorization_id == Colorization.id).correlate(Image),
}

_CAPTION_HAS: dict[str, Callable[[], Condition]] = {
    "caption": true,
    "colorization": lambda: exists().where(Colorization.caption_id == Caption.id).correlate(Caption),
    "mask": lambda: exists().where(Mention.caption_id == Caption.id, Grounding.mention_id == Mention.id).correlate(Caption),
    "review": lambda: exists().where(Colorization.caption_id == Caption.id, Review.colorization_id == Colorization.id).correlate(Caption),
}

_CAPTION_TERMS: dict[str, Callable[[str | Span], Condition]] = {
    "caption": lambda value: _within(Caption.id, value),
    "color": lambda value: _has_fact(color_fact(value)),
    "level": lambda value: Caption.level == value,
    "object": lambda value: _has_object(value) if "*" in value else _has_fact(object_fact(value)),
    "origin": lambda value: Caption.text_origin == value,
    "status": lambda value: Caption.status == value,
    "tokens": lambda value: _within(_token_count(), value),
}


def _has_fact(token: str) -> Condition:
    return (Caption.facts + " ").contains(f" {token} ")


def _has_object(pattern: str) -> Condition:
    return exists().where(Mention.caption_id == Caption.id, like(Mention.object, pattern)).correlate(Caption)


def _token_count() -> ColumnElement[int]:
    """`estimated_tokens` of a caption, in SQL: the characters that go when a mark goes."""
    length = func.length(Caption.text)
    return sum((length - func.length(func.replace(Caption.text, mark, "")) for mark in " " + PUNCTUATION), start=3 + 0 * length)


def _within(column: ColumnElement[int], span: Span) -> Condition:
    low, high = span
    if low == high:
        return column == low
    return and_(true(), *([column >= low] if low is not None else []), *([column <= high] if high is not None else []))


def like(column: ColumnElement[str], value: str) -> Condition:
    """Equal, or with `*` for any characters; case is kept apart only where there is no star."""
    if "*" not in value:
        return column == value
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return _like_any_case(column, bindparam(None, escaped, String(), unique=True))


def about_a_caption(node: Node) -> bool:
    """Whether a part of a query speaks of captions only."""
    match node:
        case And(nodes) | Or(nodes):
            return bool(nodes) and all(about_a_caption(inner) for inner in nodes)
        case Term(key):
            return key in OF_A_CAPTION
    return isinstance(node, Words)


def names_status(node: Node) -> bool:
    """Whether a part of a query asks for a status."""
    match node:
        case And(nodes) | Or(nodes):
            return any(names_status(inner) for inner in nodes)
        case Not(inner):
            return names_status(inner)
    return isinstance(node, Term) and node.key == "status"


def with_status(node: Node) -> Node:
    """A part of a query about captions, without the dropped ones where it names no status."""
    if names_status(node):
        return node
    return And((*(node.nodes if isinstance(node, And) else (node,)), Not(Term("status", (CaptionStatus.DROPPED.value,)))))
