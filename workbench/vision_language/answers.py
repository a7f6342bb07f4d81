"""What a model said, as captions: one sentence, or a JSON object of three, without what models like to put around it."""

import json
import re
from collections.abc import Mapping

from db.enums import CaptionLevel
from workbench.errors import WorkbenchError
from workbench.texts import is_text

LONGEST = 400
"""Characters of a caption."""
FENCE = re.compile(r"^\s*```[a-zA-Z]*\n(.*?)\n?\s*```\s*$", re.DOTALL)
THOUGHTS = re.compile(r"<think>.*?</think>", re.DOTALL | re.IGNORECASE)
LABEL = re.compile(r"^(?:\*\*)?(?:caption|description|answer|sentence)(?:\*\*)?\s*:\s*(?:\*\*)?", re.IGNORECASE)
REFUSAL = re.compile(r"\b(?:i(?:'|’)?m sorry|i am sorry|i can(?:no|')t|i cannot|i(?:'|’)?m unable|as an ai)\b", re.IGNORECASE)


class UnusableAnswerError(WorkbenchError):
    """What a model said is no caption."""


def read_answer(text: str, mode: str) -> dict[CaptionLevel, str]:
    """The captions in an answer by the level that was asked for; in the mode `ask` of all three, else the complete one alone.

    Raises UnusableAnswerError with the reason.
    """
    plain = THOUGHTS.sub("", text).strip()
    fenced = FENCE.match(plain)
    plain = (fenced[1] if fenced else plain).strip()
    if mode != "ask":
        return {CaptionLevel.COMPLETE: _caption(plain)}
    return {level: _caption(said) for level, said in _three(plain).items()}


def _three(plain: str) -> dict[CaptionLevel, str]:
    start, end = plain.find("{"), plain.rfind("}")
    try:
        told = json.loads(plain[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, Mapping):
        raise UnusableAnswerError(f"The answer is no JSON object with three captions: {plain[:120]}")
    texts = {level: told.get(level.value) for level in CaptionLevel}
    missing = [level.value for level, said in texts.items() if not isinstance(said, str) or not said.strip()]
    if missing:
        raise UnusableAnswerError(f"The answer has no text for {', '.join(missing)}.")
    return {level: str(said) for level, said in texts.items()}


def _caption(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines:
        raise UnusableAnswerError("The answer is empty.")
    if len(lines) > 1:
        raise UnusableAnswerError(f"The answer has {len(lines)} lines, one sentence was asked for: {lines[0][:80]} …")
    caption = LABEL.sub("", lines[0]).strip().strip('"“”').strip("*").strip()
    if REFUSAL.search(caption):
        raise UnusableAnswerError(f"The model refused: {caption[:120]}")
    if not is_text(caption) or not any(letter.isalpha() for letter in caption):
        raise UnusableAnswerError(f"The answer is no sentence: {caption[:80]!a}")
    if len(caption) > LONGEST:
        raise UnusableAnswerError(f"The answer has {len(caption):,} characters; a caption has at most {LONGEST}.")
    return caption
