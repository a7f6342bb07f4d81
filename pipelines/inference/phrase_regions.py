"""What a caption asks of a picture, read once by the workbench (`workbench.levels`) and handed on to the model.

The model can read color words itself (`lcad.terms.terms_in`), for those who use it without the workbench. Its reader sees a phrase's own
words alone; the workbench's reads the sentence, so "the cup is red" gives the cup its color too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lcad import Region
from lcad.chroma import Color
from lcad.prompts import Span, find_phrase, find_phrases
from lcad.terms import ExactColor, exact_color_of, exact_colors, terms_in
from lcad.terms.words import TERM_OF_WORD
from workbench.levels import Mention, Reading, read_captions

MaskedPhrase = tuple[str | Span, np.ndarray]
"""A phrase of a caption, or its half-open span, and the mask (H, W) of its object."""

ThingColor = tuple[str | Span, Color]
"""A thing, by its words or by the half-open span of a phrase that means it, and the color that a person pins to it."""


@dataclass(frozen=True, eq=False)
class CaptionRegions:
    """The regions of a caption, and the color terms that it asks for with or without an object.

    The regions have the masks given, and none where an object that is to have a color has no mask: it is looked for. A caption without
    masks has a region without one for each object that it mentions.
    """

    regions: list[Region]
    colors: tuple[str, ...]
    pinned: list[Region] = field(default_factory=list)
    """Those of the regions that a person pinned a color to."""


def regions_of(
    captions: Sequence[str], masked: Sequence[Sequence[MaskedPhrase]], pinned: Sequence[Sequence[ThingColor]] | None = None
) -> list[CaptionRegions]:
    """What each caption asks for, with the masks that are known of its phrases, and the colors that a person pins to its things.

    A thing that a caption does not name is left out. Raises ValueError for a phrase that does not stand in its caption.
    """
    pinned = [()] * len(captions) if pinned is None else pinned
    return [_of_caption(*each) for each in zip(captions, read_captions(captions), masked, pinned, strict=True)]


def _of_caption(caption: str, reading: Reading, masked: Sequence[MaskedPhrase], pinned: Sequence[ThingColor]) -> CaptionRegions:
    if masked:
        spans = find_phrases(caption, [phrase for phrase, _ in masked])
        regions = [
            Region(span, mask, _colors_of(caption, reading, span), _exact_of(caption, reading, span))
            for span, (_, mask) in zip(spans, masked, strict=True)
        ]
        others = [one for one in reading.mentions if not any(_overlap((one.start, one.end), span) for span in spans)]
        regions += [one for mention in others if (one := _sought(caption, mention)).colors or one.exact is not None]
    else:
        regions = [_sought(caption, mention) for mention in reading.mentions]
    pins = [(span, color) for thing, color in pinned for span in meant_by(caption, reading, thing)]
    for span, color in pins:
        regions = _with_pin(regions, caption, reading, span, color)
    bound = [term for mention in (*reading.mentions, *reading.others) for term in model_terms(caption, mention)]
    loose = [term for span in reading.color_spans for term in terms_in(caption[slice(*span)])]
    by_hand = [region for region in regions if any(_overlap(region.phrase, span) for span, _ in pins)]
    return CaptionRegions(regions, tuple(dict.fromkeys([*bound, *loose])), by_hand)


def _sought(caption: str, mention: Mention) -> Region:
    """The region of a mention, to be looked for."""
    beside = [span for span in mention.color_spans if not (mention.start <= span[0] and span[1] <= mention.end)]
    return Region((mention.start, mention.end), None, model_terms(caption, mention), exact_color(caption, mention.color_spans), beside)


def _with_pin(regions: list[Region], caption: str, reading: Reading, span: Span, color: Color) -> list[Region]:
    """The regions, of which those of a phrase are to have a color; one that is not known yet is to be looked for."""
    if any(_overlap(region.phrase, span) for region in regions):
        return [replace(region, exact=color) if _overlap(region.phrase, span) else region for region in regions]
    return [*regions, Region(span, None, _colors_of(caption, reading, span) or (), color)]


def meant_by(caption: str, reading: Reading, thing: str | Span) -> list[Span]:
    """The phrases of a caption that mean a thing: those whose object it is, else those that hold its words, else the words themselves."""
    mentions = [*reading.mentions, *reading.others]
    if not isinstance(thing, str):
        return [(one.start, one.end) for one in mentions if _overlap((one.start, one.end), thing)] or [thing]
    words = " ".join(thing.lower().split())
    named = [one for one in mentions if one.object in (words, f"{words}s", f"{words}es")] or [
        one for one in mentions if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", caption[one.start : one.end].lower())
    ]
    if named:
        return [(one.start, one.end) for one in named]
    try:
        return [find_phrase(caption, words)]
    except ValueError:
        return []


def _overlap(one: str | Span, other: str | Span) -> bool:
    return not isinstance(one, str) and not isinstance(other, str) and one[0] < other[1] and other[0] < one[1]


def exact_color(caption: str, color_spans: Sequence[Span]) -> str | None:
    """The color that a mention's color words name more exactly than by a term; None where they do not, or name several."""
    named = {color for span in color_spans for color in _exact_at(caption, span)}
    only = named.pop() if len(named) == 1 else None
    return None if only is None else only.name


def _exact_at(caption: str, span: Span) -> list[ExactColor | None]:
    """The exact colors of a color word where it stands; a color word that names none is None."""
    whole = [color for color in exact_colors(caption) if _overlap((color.start, color.end), span)]
    start = span[0]
    alone = [replace(color, start=color.start + start, end=color.end + start) for color in exact_colors(caption[slice(*span)])]
    return [*(whole or alone)] or [None]


def _exact_of(caption: str, reading: Reading, span: Span) -> str | None:
    """The exact color of the mentions that a phrase overlaps, or of its own words."""
    meant = [one for one in (*reading.mentions, *reading.others) if one.start < span[1] and span[0] < one.end]
    return exact_color(caption, [words for one in meant for words in one.color_spans]) if meant else exact_color_of(caption[slice(*span)])


def _colors_of(caption: str, reading: Reading, span: Span) -> tuple[str, ...] | None:
    """The terms of the mentions that a phrase overlaps; None where it overlaps none, so that the model reads the phrase itself."""
    start, end = span
    meant = [one for one in (*reading.mentions, *reading.others) if one.start < end and start < one.end]
    return tuple(dict.fromkeys(term for mention in meant for term in model_terms(caption, mention))) if meant else None


def model_terms(caption: str, mention: Mention) -> tuple[str, ...]:
    """The colors of a mention in the model's terms: of the eleven basic ones the model divides blue into blue and cyan."""
    words = [word for span in mention.color_spans for word in re.findall("[a-z]+", caption[slice(*span)].lower())]
    blues = tuple(term for term in ("blue", "cyan") if term in {TERM_OF_WORD.get(word) for word in words}) or ("blue",)
    return tuple(term for color in mention.colors for term in (blues if color == "blue" else (color,)))
