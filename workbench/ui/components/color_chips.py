"""Captions with chips: every colored phrase followed by a small square of each color that it names."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from workbench.captions import MentionView
from workbench.imaging import representative


@dataclass(frozen=True)
class Span:
    """A marked stretch of a text: half-open, in characters, with the colors named there as "#rrggbb"."""

    start: int
    end: int
    colors: tuple[str, ...]


def spans_of(mentions: Iterable[MentionView]) -> list[Span]:
    """The stretches to mark, with their chips' colors; mentions without a color stay plain."""
    colored = [(part.mention, tuple(representative(color) for color in part.colors)) for part in mentions if part.colors]
    return [Span(mention.start, mention.end, chips) for mention, chips in colored]


def marked(text: str, spans: Iterable[Span]) -> str:
    """HTML of a caption with chips; the text is escaped."""
    pieces, at = [], 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start < at:
            continue
        chips = "".join(f'<i class="chip" style="background:{color}"></i>' for color in span.colors)
        pieces += [escape(text[at : span.start]), escape(text[span.start : span.end]), chips]
        at = span.end
    return "".join([*pieces, escape(text[at:])])
