"""Prompts: what the text encoder receives of a caption, and which tokens belong to a phrase.

Token spans come from the character offsets of the tokenizer, so they hold for any BPE, for repeated words and for accents.
"""

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from transformers import PreTrainedTokenizerBase

Span = tuple[int, int]  # characters, half open
Rewording = tuple[str, Sequence[tuple[int, int, int]]]
"""A caption in other words, and of each change (start, end) in the caption and the length of what stands for it."""


class CaptionTruncated(UserWarning):
    """A caption is longer than the text encoder can read; the message has the words that are lost."""


@dataclass(frozen=True)
class Prompt:
    """A caption as tokens: `ids` and `offsets` have the length of the text encoder, padding included.

    `offsets` are spans of characters in the caption; those of start, end and padding are empty. `end` is the character after
    which nothing is read.
    """

    caption: str
    ids: tuple[int, ...]
    offsets: tuple[Span, ...]
    end: int

    @cached_property
    def lost(self) -> str:
        """The words that the text encoder does not receive whole."""
        return self.caption[self.end :].strip()

    def tokens_of(self, span: Span) -> torch.Tensor:
        """The tokens of a span of characters, (T,) float 0 or 1; none when the span lies past the end."""
        start, end = span
        return torch.tensor([float(a < b and a < end and b > start) for a, b in self.offsets])


def read_prompt(tokenizer: PreTrainedTokenizerBase, caption: str, length: int, said: Rewording | None = None) -> Prompt:
    """Tokenize a caption to `length` tokens, padded or cut; a cut is a CaptionTruncated warning with the words lost.

    said  the caption in words that the text encoder knows, which it gets instead; the tokens' offsets stay those of the caption
    """
    text, places = said or (caption, [])
    whole = tokenizer(text, return_offsets_mapping=True, verbose=False)
    cut = tokenizer(text, return_offsets_mapping=True, padding="max_length", truncation=True, max_length=length)
    end = len(caption)
    if len(whole["input_ids"]) > length:
        first_lost = _in_caption(whole["offset_mapping"][length - 1], places)[0]  # the last of the kept tokens is the end mark
        end = first_lost - len(re.split(r"\s", caption[:first_lost])[-1])
        warnings.warn(CaptionTruncated(f"the caption is cut at {length} tokens; not read: “{caption[end:].strip()}”"), stacklevel=2)
    return Prompt(caption, tuple(cut["input_ids"]), tuple(_in_caption(offset, places) for offset in cut["offset_mapping"]), end)


def _in_caption(offset: Span, places: Sequence[tuple[int, int, int]]) -> Span:
    """Where a token of a reworded caption, at an offset there, stands in the caption: that of new words where the old ones stood."""
    first, last = int(offset[0]), int(offset[1])
    if first == last:  # a mark
        return first, last
    longer = 0  # characters of the rewording before the token
    for start, end, length in places:
        if first < start + longer:
            break
        if first < start + longer + length:
            return start, end
        longer += length - (end - start)
    return first - longer, last - longer


def find_phrase(caption: str, phrase: str, occurrence: int = 0) -> Span:
    """The span of a phrase in a caption, whole words, whatever their case and the white space between them.

    `occurrence` counts from 0; past the last one, the last. Raises ValueError when the phrase does not stand in the caption.
    """
    words = phrase.split()
    if words:
        pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, words)) + r"(?!\w)"
        matches = list(re.finditer(pattern, caption, re.IGNORECASE))
        if matches:
            return matches[min(occurrence, len(matches) - 1)].span()
    raise ValueError(f"the phrase “{phrase}” does not stand in the caption “{caption}”")


def find_phrases(caption: str, phrases: Sequence[str | Span]) -> list[Span]:
    """A span for each phrase; the n-th time that a phrase is given means its n-th occurrence. Spans pass as they are.

    Raises ValueError for a phrase that is not in the caption and for a span outside of it.
    """
    seen, spans = Counter(), []
    for phrase in phrases:
        if isinstance(phrase, str):
            key = " ".join(phrase.split()).lower()
            spans.append(find_phrase(caption, phrase, seen[key]))
            seen[key] += 1
        else:
            start, end = phrase
            if not 0 <= start < end <= len(caption):
                raise ValueError(f"the span {start}–{end} lies outside of the caption, which has {len(caption)} characters")
            spans.append((start, end))
    return spans


def phrase_tokens(prompt: Prompt, phrases: Sequence[str | Span]) -> torch.Tensor:
    """Which tokens belong to each phrase, (P, T) float 0 or 1. A phrase past the cut has none and gives a warning."""
    rows = [prompt.tokens_of(span) for span in find_phrases(prompt.caption, phrases)]
    for phrase, row in zip(phrases, rows, strict=True):
        if not row.any():
            warnings.warn(CaptionTruncated(f"the phrase “{phrase}” lies past the cut of its caption and cannot be guided"), stacklevel=2)
    return torch.stack(rows) if rows else torch.zeros(0, len(prompt.ids))
