"""Captions proposed by a vision-language model outside: how it is reached, what it is asked, and what becomes of its answer."""

from workbench.vision_language.answers import UnusableAnswerError, read_answer
from workbench.vision_language.chat import BrokenAnswerError, EndpointError, ask
from workbench.vision_language.endpoint import FACES, KEY_VARIABLE, MODES, MOST_AT_ONCE, PROMPT, Endpoint, api_key, keep, kept
from workbench.vision_language.proposals import Asked, Proposed, Read, answered, keep_answer, picture, propose, question, read

__all__ = [
    "FACES",
    "KEY_VARIABLE",
    "MODES",
    "MOST_AT_ONCE",
    "PROMPT",
    "Asked",
    "BrokenAnswerError",
    "Endpoint",
    "EndpointError",
    "Proposed",
    "Read",
    "UnusableAnswerError",
    "answered",
    "api_key",
    "ask",
    "keep",
    "keep_answer",
    "kept",
    "picture",
    "propose",
    "question",
    "read",
    "read_answer",
]
