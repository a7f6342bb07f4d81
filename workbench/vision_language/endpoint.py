"""How a vision-language model is reached: its address, name, prompt and temperature, kept in the store; its key never is.

Any endpoint that speaks the chat completions of OpenAI's API with pictures will do, servers on the own machine included. Nothing is asked
of it unless a person starts a run.
"""

import os
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from db.models import Setting
from workbench.errors import InvalidInputError
from workbench.texts import is_text

NAME = "vision_language"
KEY_VARIABLE = "WORKBENCH_VLM_API_KEY"
FACES = ("auto", "gray")
"""What is shown: the original where it has color, else the gray picture; or always the gray picture."""
MODES = ("derive", "ask", "complete")
"""The three levels: the complete one asked for and the others derived by the rules; or all asked for; or the complete one alone."""
MOST_AT_ONCE = 16
LONGEST_PROMPT = 8000

PROMPT = (
    "Describe this photo in one English sentence of at most 30 words. Name the main objects and give each one its color in plain words "
    "(red, navy, light gray). Do not guess what cannot be seen, and do not mention the photo itself. Answer with the sentence alone."
)
ASKED_FOR_ALL = (
    '\n\nAnswer with one JSON object and nothing else: {"complete": a sentence in which every object has its color, "partial": the same '
    'with the colors of only some objects, "scarce": the same without any color}.'
)


@dataclass(frozen=True)
class Endpoint:
    """A model and how it is asked. Raises InvalidInputError for what cannot be."""

    address: str
    """Base address, as in http://localhost:8000/v1 or https://api.openai.com/v1."""
    model: str
    prompt: str = PROMPT
    temperature: float = 0.2
    face: str = "auto"
    mode: str = "derive"
    seconds: float = 60.0
    """The longest that one answer may take."""
    at_once: int = 2
    """Questions under way at a time."""

    def __post_init__(self) -> None:
        place = urlsplit(self.address)
        if place.scheme not in ("http", "https") or not place.hostname:
            raise InvalidInputError(f'"{self.address}" is no address of a model; it looks like http://localhost:8000/v1.')
        if place.username or place.password or place.query or place.fragment:
            raise InvalidInputError(
                f"The address holds more than an address; a key belongs into the variable {KEY_VARIABLE}, which is not kept."
            )
        if not self.model.strip() or not is_text(self.model) or len(self.model) > 200:
            raise InvalidInputError("Name the model as its server calls it, e.g. qwen2.5-vl-7b-instruct.")
        if not self.prompt.strip() or not is_text(self.prompt) or len(self.prompt) > LONGEST_PROMPT:
            raise InvalidInputError(f"The prompt is a text of at most {LONGEST_PROMPT:,} characters.")
        if not 0 <= self.temperature <= 2:
            raise InvalidInputError(f"The temperature lies between 0 and 2; got {self.temperature:g}.")
        for name, known in (("face", FACES), ("mode", MODES)):
            if getattr(self, name) not in known:
                raise InvalidInputError(f'"{getattr(self, name)}" is no {name}; use {", ".join(known)}.')
        if not 1 <= self.seconds <= 600 or not 1 <= self.at_once <= MOST_AT_ONCE:
            raise InvalidInputError(f"An answer may take 1 to 600 seconds, and 1 to {MOST_AT_ONCE} questions go out at a time.")

    @property
    def whole_prompt(self) -> str:
        """The whole prompt."""
        return self.prompt + (ASKED_FOR_ALL if self.mode == "ask" else "")

    def as_json(self) -> dict[str, Any]:
        """All of it, as a run's parameters and the store hold it."""
        return asdict(self)


def kept(session: Session) -> Endpoint | None:
    """The endpoint of a store; None where none was chosen."""
    row = session.get(Setting, NAME)
    return None if row is None else Endpoint(**row.value)


def keep(session: Session, endpoint: Endpoint, *, actor: str) -> None:
    """Choose the endpoint of a store."""
    session.merge(Setting(name=NAME, value=endpoint.as_json(), author=actor))
    session.flush()


def api_key() -> str | None:
    """The key from the environment of this process; None where there is none, as servers on the own machine need none."""
    return os.environ.get(KEY_VARIABLE) or None
