"""The part of a design that says how strangers are recruited, read and checked."""

import re
from urllib.parse import urlsplit

from workbench.studies.design import Ending, Recruitment, Rules
from workbench.yaml_fields import Written

PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def read(written: Written) -> Recruitment:
    """The recruitment that a design asks for; raises InvalidInputError that names key and line."""
    endings = dict.fromkeys(("completed", "screened_out", "quota_full", "withdrawn"), _ending)
    parts = written.parts(
        {
            "participant": lambda part: "" if part.value in ("", None) else _parameter(part),
            "parameters": lambda part: part.each(_parameter),
            "cap": lambda part: None if part.value is None else part.number(1),
            "minutes": lambda part: part.number(1, 24 * 60),
            **endings,
        },
        "A recruitment",
    )
    recruitment = Recruitment(**parts)
    for name in endings:
        if name in parts:
            _check_placeholders(written.at(name), getattr(recruitment, name), recruitment)
    return recruitment


def _parameter(part: Written) -> str:
    name = part.text()
    if not PARAMETER.fullmatch(name):
        part.fail(f"a parameter of an address is a word of letters, digits and _ such as PROLIFIC_PID; got {name!r}.")
    return name


def _ending(part: Written) -> Ending:
    return Ending(**part.parts({"code": lambda code: code.text(empty=True), "redirect": _redirect}, "An ending"))


def _redirect(part: Written) -> str:
    """An address that a browser may be sent to: never one that runs a script."""
    address = part.text(empty=True)
    if address and (urlsplit(address).scheme not in ("https", "http") or not urlsplit(address).netloc):
        part.fail(f"a redirect is a whole address that begins with https://; got {address!r}.")
    return address


def _check_placeholders(part: Written, ending: Ending, recruitment: Recruitment) -> None:
    known = ["code", *filter(None, [recruitment.participant]), *recruitment.parameters]
    for name in PLACEHOLDER.findall(ending.redirect):
        if name not in known:
            part.at("redirect").fail(f"nothing is known as {{{name}}} when a rater leaves; there are {', '.join(known)}.")


def check_code(given: Written, rules: Rules) -> None:
    """Refuse two codes for one ending."""
    own = rules.recruitment.completed.code
    if rules.completion_code and own and own != rules.completion_code:
        given.at("completion_code").fail(f"recruitment.completed.code says {own!r}; keep one of them.")
