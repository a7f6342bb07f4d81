"""From a query of the grammar to conditions on images and on captions, for SQLite and PostgreSQL; `search` finds the rows quickly.

Of images, terms about captions that stand together (`level:partial color:red`) must be true of one and the same caption, and
`NOT level:scarce` asks for images without any scarce caption. Dropped captions count only where `status:` is asked for.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Boolean, ColumnElement, SQLColumnExpression, String, and_, bindparam, exists, not_, or_, select, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from db.enums import CaptionStatus
from db.models import Caption, Colorization, Duplicate, Grounding, Image, ImageTag, Mention, MentionColor, PictureFeatures, Region, Review
from workbench.search.grammar import And, Node, Not, Or, Query, Term, Words
from workbench.search.query_values import Span

Condition = ColumnElement[bool]

OF_A_CAPTION = frozenset({"caption", "color", "level", "object", "origin", "status", "tokens"})


class _caption_contains(FunctionElement):  # noqa: N801  (reads as the SQL function that it is)
    """Whether the caption (id, text) has the words in this order, by the full-text index; with a star the last word may go on."""

    type = Boolean()
    inherit_cache = True


@compiles(_caption_contains, "sqlite")
def _fts5(element, compiler, **options) -> str:
    caption_id, _text, words, star = (compiler.process(clause, **options) for clause in element.clauses)
    quoted = f"'\"' || replace({words}, '\"', '') || '\"' || {star}"
    return f"{caption_id} IN (SELECT rowid FROM caption_search WHERE caption_search MATCH {quoted})"


@compiles(_caption_contains, "postgresql")
def _tsvector(element, compiler, **options) -> str:
    _caption_id, text, words, star = (compiler.process(clause, **options) for clause in element.clauses)
    phrase = f"phraseto_tsquery('english', {words})"
    sql = f"(CASE WHEN {star} = '' OR numnode({phrase}) = 0 THEN {phrase} ELSE ({phrase}::text || ':*')::tsquery END)"
    return f"(numnode({sql}) = 0 OR to_tsvector('english', {text}) @@ {sql})"  # nothing but stop words asks for nothing


class _is_like(FunctionElement):  # noqa: N801  (reads as the SQL operator that it is)
    """Whether a text fits a pattern of LIKE, in any case: SQLite's own operator asks no more, without a call for each row."""

    type = Boolean()
    inherit_cache = True


@compiles(_is_like, "sqlite")
def _like(element, compiler, **options) -> str:
    text, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{text} LIKE {pattern} ESCAPE '\\'"


@compiles(_is_like, "postgresql")
def _ilike(element, compiler, **options) -> str:
    text, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{text} ILIKE {pattern} ESCAPE '\\'"


def image_filter(query: Query) -> Condition:
    """The condition on `Image` that a query states."""
    return image_condition(query.root)


def caption_filter(query: Query) -> Condition:
    """The condition on `Caption` that a query states; dropped captions only where the query names a status."""
    condition = caption_condition(query.root)
    return condition if names_status(query.root) else and_(Caption.status != CaptionStatus.DROPPED, condition)


def image_condition(node: Node) -> Condition:
    """The condition on `Image` of a part of a query."""
    match node:
        case Not(inner):
            return not_(image_condition(inner))
        case Or(nodes) if not about_a_caption(node):
            return or_(*(image_condition(inner) for inner in nodes))
        case And(nodes):
            together = [inner for inner in nodes if about_a_caption(inner)]
            apart = [image_condition(inner) for inner in nodes if inner not in together]
            return and_(true(), *apart, *([_some_caption(together)] if together else []))
        case Term(key, values) if key not in OF_A_CAPTION:
            return or_(*(image_term(key, value) for value in values))
    return _some_caption([node])


def _some_caption(nodes: list[Node]) -> Condition:
    kept = [] if any(names_status(node) for node in nodes) else [Caption.status != CaptionStatus.DROPPED]
    return exists().where(Caption.image_id == Image.id, *kept, *(caption_condition(node) for node in nodes)).correlate(Image)


def caption_condition(node: Node) -> Condition:
    """The condition on `Caption` of a part of a query, dropped ones included."""
    match node:
        case Not(inner):
            return not_(caption_condition(inner))
        case Or(nodes):
            return or_(*(caption_condition(inner) for inner in nodes))
        case And(nodes):
            return and_(true(), *(caption_condition(inner) for inner in nodes))
        case Words(text, prefix):
            condition = _contains(text, "*" if prefix else "")
            return or_(condition, _contains(node.stem, "")) if node.stem else condition
        case Term(key, values) if key in OF_A_CAPTION:
            return or_(*(_CAPTION_TERMS[key](value) for value in values))
        case Term("has", values):
            return or_(*(_CAPTION_HAS.get(value, lambda value=value: _its_image("has", value))() for value in values))
        case Term(key, values):
            return or_(*(_its_image(key, value) for value in values))
    raise TypeError(f"expected a node of the grammar, got {type(node)}")


def _contains(text: str, star: str) -> Condition:
    words, ending = (bindparam(None, value, String(), unique=True) for value in (text, star))
    return _caption_contains(Caption.id, Caption.text, words, ending)


def _its_image(key: str, value: Any) -> Condition:
    return exists().where(Image.id == Caption.image_id, image_term(key, value)).correlate(Caption)


def image_term(key: str, value: Any) -> Condition:
    match key:
        case "has":
            return _IMAGE_HAS[value]()
        case "id":
            return within(Image.id, value)
        case "map":
            left, top, right, bottom = value
            inside = PictureFeatures.map_x.between(left, right) & PictureFeatures.map_y.between(top, bottom)
            return Image.id.in_(select(PictureFeatures.image_id).where(inside))
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
    "mask": lambda: Caption.id.in_(select(Mention.caption_id).join(Grounding, Grounding.mention_id == Mention.id)),
    "review": lambda: exists().where(Colorization.caption_id == Caption.id, Review.colorization_id == Colorization.id).correlate(Caption),
}

# What leads over mentions is a list of ids made once: as a correlated subquery SQLite walks all mentions of a color for each caption
# (1,200 ms against 10 ms at 4,500 captions).
_CAPTION_TERMS: dict[str, Callable[[Any], Condition]] = {
    "caption": lambda value: within(Caption.id, value),
    "color": lambda value: Caption.id.in_(
        select(Mention.caption_id).join(MentionColor, MentionColor.mention_id == Mention.id).where(MentionColor.color == value)
    ),
    "level": lambda value: Caption.level == value,
    "object": lambda value: Caption.id.in_(select(Mention.caption_id).where(like(Mention.object, value))),
    "origin": lambda value: Caption.text_origin == value,
    "status": lambda value: Caption.status == value,
    "tokens": lambda value: within(Caption.tokens, value),
}


def within(column: SQLColumnExpression[int], span: Span) -> Condition:
    """In a range of whole numbers, both ends included."""
    low, high = span
    if low == high:
        return column == low
    return and_(true(), *([column >= low] if low is not None else []), *([column <= high] if high is not None else []))


def like(column: SQLColumnExpression[str], value: str) -> Condition:
    """Equal, or with `*` for any characters; case is kept apart only where there is no star."""
    if "*" not in value:
        return column == value
    escaped = value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("*", "%")
    return _is_like(column, bindparam(None, escaped, String(), unique=True))


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
