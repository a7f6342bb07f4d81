"""What a query means beyond its words, in sentences for the person who typed it, and the keys of the grammar with examples."""

from workbench.imaging import BASIC_TERMS, TERM_OF_WORD
from workbench.search.grammar import And, Node, Not, Or, Query, Term, Words
from workbench.search.sorting import SORTED

GUIDE = (
    ("gre*", "words that begin so"),
    ('"next to a red car"', "these words, in this order"),
    ("cup NOT table", "one and not the other; also AND, OR and ( )"),
    ("color:red", "a thing in red or a color under it, such as maroon"),
    ("color:teal", "a thing in this very color word"),
    ("object:dog", "a thing that is named; object:*boat for any beginning"),
    ("level:partial", "complete, partial or scarce; several with commas"),
    ("tokens:>75", "how long captions are; also <20 and 10-20"),
    ("origin:human", "who wrote the text: human, rule, model or imported"),
    ("status:proposed", "accepted, proposed or dropped captions"),
    ("has:mask", "caption, colorization, duplicate, mask, reference or review"),
    ("reviewed", "images with a verdict on a colorization"),
    ("tag:night", "images with a tag; tag:o* for any ending"),
    ("source:album*", "where images are from"),
    ("file:IMG_01", "a part of the file's name"),
    ("like:12", "the images most like image 12, nearest first"),
    ("map:100x200-300x400", "a part of the map of the library: two corners; draw it on the map"),
    ("sort:longest", "orders what is found: newest, oldest, longest (most tokens) or adherence (lowest first)"),
    ("id:1200-1300", "images by number; caption:12 finds a caption"),
)
"""Examples of every key, each with what it finds."""

NOT_MEASURED = "Adherence measured only in the automatic masks that steered the colors counts as not measured, and comes last."
LISTED = 8
"""Color words that a note names."""


def notes(query: Query) -> list[str]:
    """What the color keys of a query include, one sentence each."""
    by_adherence = [NOT_MEASURED] if query.sort == "adherence" else []
    sorted_ = [f"Of more than {SORTED:,} the newest {SORTED:,} are put in this order."] if query.sort in ("longest", "adherence") else []
    return list(dict.fromkeys([*_notes(query.root), *by_adherence, *sorted_]))


def _notes(node: Node) -> list[str]:
    match node:
        case Not(inner):
            return _notes(inner)
        case And((Term("color", (basic,)), Words(word))) if TERM_OF_WORD.get(word) == basic:
            return [f'color:{word} finds captions that say "{word}" of a thing; color:{basic} finds every color under {basic}.']
        case And(nodes) | Or(nodes):
            return [note for inner in nodes for note in _notes(inner)]
        case Term("color", values):
            return [f"color:{value} includes {', '.join(_under(value))} and others." for value in values]
    return []


def _under(basic: str) -> list[str]:
    """Color words under a basic term, in the table's order, without the term itself."""
    return [word for word, term in TERM_OF_WORD.items() if term == basic and word not in (*BASIC_TERMS, "grey")][-LISTED:]
