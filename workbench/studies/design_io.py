"""A study's design: what is asked, shown, dealt and watched. A YAML file and the form of the Studies page say the same thing.

name: seeds                        # the study
question: Which picture matches the description better?
method: pair                       # pair, choice (best of several), category (marks), ranking
votes_per_trial: 3
seed: 0                            # fixes every order and side
design: {…}                        # Rules: how it is shown, dealt and watched
stimuli: {…}                       # Stimuli: what is shown
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import yaml

from db.enums import RatingMethod
from db.models import Study
from workbench.store import expanded
from workbench.studies import rater_words
from workbench.studies.design import (
    CHECKS,
    CONSENT,
    SELECTIONS,
    VIEWS,
    WITHDRAWALS,
    Design,
    ExternalSystem,
    Questionnaire,
    Recruitment,
    Rules,
    Scale,
    Stimuli,
)  # fmt: skip
from workbench.yaml_fields import Document, Path, read_text, refuse, validate

__all__ = [
    "CHECKS", "CONSENT", "SELECTIONS", "VIEWS", "WITHDRAWALS", "Design", "ExternalSystem", "Rules", "Scale", "Stimuli",
    "check_rules", "of_parts", "of_study", "read", "rules_of", "stored", "write",
]  # fmt: skip


def read(text: str, what: str = "The design", base: FilePath = FilePath()) -> Design:
    """The design in a YAML text, a file of words that it names being relative to `base`.

    Raises InvalidInputError that names each key at fault, and its line.
    """
    document = read_text(text, what)
    _read_words(document, base)
    return of_parts(document)


def of_parts(document: Mapping[str, Any]) -> Design:
    """The design in a mapping as a file holds it; raises InvalidInputError that names each key at fault, and its line where it has one."""
    design = validate(Design, document)
    refuse({("design", *key): says for key, says in _not_for(design.method, document.get("design", {}), design.rules).items()}, document)
    return design


def _read_words(document: Document, base: FilePath) -> None:
    """Put the words of the raters' page in place of the name of their file."""
    rules = document.get("design")
    if not isinstance(rules, dict) or not isinstance(rules.get("words"), str):
        return
    path = (base / expanded(rules["words"])).resolve()
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        refuse({("design", "words"): f"{path} cannot be read: {reason}."}, document)
        raise AssertionError("refused") from None
    rules["words"] = rater_words.read_file(text, path.name).stored()


def _not_for(method: RatingMethod, written_rules: Mapping[str, Any], rules: Rules) -> dict[Path, str]:
    """What only one method knows, where another one asks for it."""
    problems: dict[Path, str] = {}
    if "scales" in written_rules and method is not RatingMethod.CATEGORY:
        problems["scales",] = f"only category studies have scales; this one is a {method} study, whose other questions are `further`."
    if rules.further and method is RatingMethod.CATEGORY:
        problems["further",] = "a category study asks by its scales; give each of them a question of its own."
    if rules.detects and method is not RatingMethod.PAIR:
        problems["detects",] = f"only pairs ask which of two is the original; this one is a {method} study."
    if rules.view != VIEWS[0] and method is not RatingMethod.PAIR:
        problems["view",] = f"only pairs are seen by {rules.view}; a {method} study is seen side by side."
    if rules.selection != SELECTIONS[0] and method is not RatingMethod.PAIR:
        problems["selection",] = "only pairs are selected by what they tell; leave it balanced."
    return problems


def write(design: Design) -> str:
    """A design as YAML that reads back the same; parts at their defaults are left out."""
    whole: dict[str, Any] = {"name": design.name, "question": design.question, "method": design.method.value}
    whole |= {"votes_per_trial": design.votes_per_trial, "seed": design.seed}
    for name, part in (("design", stored(design.rules)), ("stimuli", stored(design.stimuli))):
        if part:
            whole[name] = part
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)


def stored(part: Rules | Stimuli | Recruitment | Questionnaire) -> dict[str, Any]:
    """Rules or stimuli as the store and a file keep them: plain values, defaults left out."""
    usual, plain = type(part)(), asdict(part)
    changed = [one.name for one in fields(part) if getattr(part, one.name) != getattr(usual, one.name)]
    nested = (Recruitment, Questionnaire)
    return {name: stored(value) if isinstance(value := getattr(part, name), nested) else _plain(plain[name]) for name in changed}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner not in ("", ())}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def rules_of(study: Study) -> Rules:
    """The rules of a study as stored; raises InvalidInputError where they are broken."""
    return _rules_in(json.dumps(study.design, sort_keys=True))


@lru_cache(maxsize=128)
def _rules_in(text: str) -> Rules:
    """A design is read at every vote and never changes: it is validated once."""
    return check_rules(json.loads(text))


def check_rules(content: Any, method: RatingMethod | None = None) -> Rules:
    """The rules in a mapping; raises InvalidInputError that names the parts, also those that are not for the study's method."""
    if isinstance(content, Mapping):
        content = {name: value for name, value in content.items() if name != "stimuli"}
    rules = validate(Rules, content)
    if method is not None:
        refuse(_not_for(method, content, rules))
    return rules


def of_study(study: Study) -> Design:
    """The design that a study was made from; where it was made without one, what can be told of it."""
    stimuli = validate(Stimuli, study.design.get("stimuli", {}), ("stimuli",))
    return Design(study.name, study.question, study.method, study.votes_per_trial, study.seed, rules_of(study), stimuli)


def takes_ties(study: Study) -> bool:
    """Whether a rater may call a draw: in pair studies unless the design forbids it."""
    return study.method is RatingMethod.PAIR and rules_of(study).ties


def scales_of(study: Study) -> tuple[Scale, ...]:
    """The scales of a category study; none for other methods."""
    return rules_of(study).scales if study.method is RatingMethod.CATEGORY else ()
