"""What a caption asks of a picture, read once by the workbench (`workbench.levels`) and handed on to the model.

The model can read color words itself (`lcad.terms.terms_in`), for those who use it without the workbench. Its reader sees a phrase's own
words alone; the workbench's reads the sentence, so "the cup is red" gives the cup its color too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lcad import Region
from lcad.prompts import Span, find_phrases
from lcad.terms import terms_in
from lcad.terms.words import TERM_OF_WORD
from workbench.levels import Mention, Reading, read_captions

MaskedPhrase = tuple[str | Span, np.ndarray]
"""A phrase of a caption, or its half-open span, and the mask (H, W) of its object."""


@dataclass(frozen=True, eq=False)
class CaptionRegions:
    """The regions of a caption, and the color terms that it asks for with or without an object.

    The regions have the masks given; a caption without masks has a region without one for each object that it mentions.
    """

    regions: list[Region]
    colors: tuple[str, ...]


def regions_of(captions: Sequence[str], masked: Sequence[Sequence[MaskedPhrase]]) -> list[CaptionRegions]:
    """What each caption asks for, with the masks that are known of its phrases.

    Raises ValueError for a phrase that does not stand in its caption.
    """
    return [_of_caption(*asked) for asked in zip(captions, read_captions(captions), masked, strict=True)]


def _of_caption(caption: str, reading: Reading, masked: Sequence[MaskedPhrase]) -> CaptionRegions:
    if masked:
        spans = find_phrases(caption, [phrase for phrase, _ in masked])
        regions = [Region(span, mask, _colors_of(caption, reading, span)) for span, (_, mask) in zip(spans, masked, strict=True)]
    else:
        regions = [Region((one.start, one.end), None, model_terms(caption, one)) for one in reading.mentions]
    bound = [term for mention in (*reading.mentions, *reading.others) for term in model_terms(caption, mention)]
    loose = [term for span in reading.color_spans for term in terms_in(caption[slice(*span)])]
    return CaptionRegions(regions, tuple(dict.fromkeys([*bound, *loose])))


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
