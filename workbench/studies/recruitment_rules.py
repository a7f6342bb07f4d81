"""The part of a design that says how strangers are recruited, and what they are sent home with."""

import re
from dataclasses import dataclass
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from workbench.yaml_fields import FilledText, Path, Text, part, refusals, told

__all__ = ["Ending", "Recruitment"]

PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _parameter(name: str) -> str:
    if not PARAMETER.fullmatch(name):
        raise ValueError(f"a parameter of an address is a word of letters, digits and _ such as PROLIFIC_PID; got {told(name)}.")
    return name


def _address(address: str) -> str:
    """An address that a browser may be sent to: never one that runs a script."""
    try:
        parts = urlsplit(address)
    except ValueError:  # a host such as "[" that can be none
        parts = urlsplit("")
    if address and (parts.scheme not in ("https", "http") or not parts.netloc):
        raise ValueError(f"a redirect is a whole address that begins with https://; got {told(address)}.")
    return address


Parameter = Annotated[FilledText, AfterValidator(_parameter)]


@dataclass(frozen=True)
class Ending:
    """What a rater is given when their part ends in one way: a code to hand in, an address to return to."""

    __pydantic_config__ = part("An ending")

    code: Text = ""
    """Empty: a code of each rater's own."""
    redirect: Annotated[Text, AfterValidator(_address)] = ""
    """Where the last page leads; `{code}` and `{NAME}` of any parameter that came with the rater are filled in."""


@dataclass(frozen=True)
class Recruitment:
    """How strangers come by one link, and what they take home."""

    __pydantic_config__ = part("A recruitment")

    participant: Annotated[Text, AfterValidator(lambda name: name and _parameter(name)), BeforeValidator(lambda name: name or "")] = ""
    """The parameter of the address that names a person (`PROLIFIC_PID`, `workerId`): each takes part once. Empty: nobody is named."""
    parameters: tuple[Parameter, ...] = ()
    """Further parameters that are stored (`STUDY_ID`, `SESSION_ID`)."""
    cap: Annotated[int, Field(strict=True, ge=1)] | None = None
    """The most participants of a link, where the link itself names no other number."""
    minutes: Annotated[int, Field(strict=True, ge=1, le=24 * 60)] = 60
    """How long a place is kept for somebody who is not seen any more."""
    completed: Ending = Ending()
    screened_out: Ending = Ending()
    quota_full: Ending = Ending()
    withdrawn: Ending = Ending()

    @model_validator(mode="after")
    def _know_the_placeholders(self) -> Self:
        known = ["code", *filter(None, [self.participant]), *self.parameters]
        problems: dict[Path, str] = {}
        for way in ("completed", "screened_out", "quota_full", "withdrawn"):
            for name in PLACEHOLDER.findall(getattr(self, way).redirect):
                if name not in known:
                    says = f"nothing is known as {{{name}}} when a rater leaves; there are {', '.join(known)}."
                    problems[way, "redirect"] = says
        if len({*filter(None, [self.participant]), *self.parameters}) < len(known) - 1:
            problems["parameters",] = "each parameter is named once; the one that names the person is stored by itself."
        if problems:
            raise refusals(problems)
        return self
