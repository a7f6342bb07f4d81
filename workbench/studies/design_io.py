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
from typing import Any

import yaml

from db.enums import CaptionLevel, RatingMethod
from db.models import Study
from workbench.studies import recruitment_io
from workbench.studies.design import (
    CHECKS,
    CONSENT,
    SELECTIONS,
    VIEWS,
    WITHDRAWALS,
    Design,
    Outside,
    Recruitment,
    Rules,
    Scale,
    Stimuli,
)  # fmt: skip
from workbench.studies.trials import FACTORS
from workbench.yaml_fields import Written, read_text

__all__ = [
    "CHECKS", "CONSENT", "SELECTIONS", "VIEWS", "Design", "Outside", "Rules", "Scale", "Stimuli",
    "check_rules", "of_study", "read", "rules_of", "stored", "write",
]  # fmt: skip


def read(text: str, what: str = "The design") -> Design:
    """The design in a YAML text; raises InvalidInputError that names key and line."""
    return _design(read_text(text, what))


def _design(written: Written) -> Design:
    for name in ("name", "question", "method"):
        if not written.value.get(name):
            written.fail(f"The design does not say the study's {name}.")
    parts = written.parts(
        {
            "name": Written.text,
            "question": Written.text,
            "method": lambda part: RatingMethod(part.one_of([method.value for method in RatingMethod])),
            "votes_per_trial": lambda part: part.number(1, 1000),
            "seed": lambda part: part.number(0),
            "design": _rules,
            "stimuli": _stimuli,
        },
        "A study",
    )
    design = Design(**{"rules" if name == "design" else name: value for name, value in parts.items()})
    _check_together(written, design)
    return design


def _rules(written: Written) -> Rules:
    check, truth, text = (lambda part: part.one_of(CHECKS)), Written.truth, (lambda part: part.text(empty=True))
    readers = {
        "ties": truth, "view": lambda part: part.one_of(VIEWS), "scales": _scales, "caption": truth, "source": truth,
        "reference": truth, "detects": truth,
        "instructions": text, "consent": Written.text, "color_vision": check, "display": check, "training": lambda part: part.number(0, 50),
        "gold": truth, "trap": truth, "trials_per_rater": lambda part: None if part.value is None else part.number(1),
        "break_every": lambda part: part.number(0), "back": truth, "selection": lambda part: part.one_of(SELECTIONS),
        "cohorts": _cohorts, "completion_code": text, "consent_version": Written.text,
        "withdrawal": lambda part: part.one_of(WITHDRAWALS), "least_viewing_ms": lambda part: part.number(0, 60_000),
        "most_viewing_s": lambda part: None if part.value is None else part.number(1, 3600), "curators_count": truth, "comment": truth,
        "recruitment": recruitment_io.read,
    }  # fmt: skip
    return Rules(**written.parts(readers, "A study's design"))


def _scales(written: Written) -> tuple[Scale, ...]:
    text = lambda part: part.text(empty=True)  # noqa: E731
    readers = {
        "name": Written.text,
        "points": lambda part: part.number(2),
        "low": text,
        "high": text,
        "words": lambda part: part.each(Written.text),
    }
    scales = written.each(lambda part: Scale(**part.parts(readers, "A scale")) if _named(part) else None)
    for place, scale in enumerate(scales):
        if scale.words and len(scale.words) != scale.points:
            written.at(place).at("words").fail(
                f"a scale of {scale.points} points has {scale.points} words, or none; got {len(scale.words)}."
            )
    if not scales:
        written.fail("a category study needs one scale at least.")
    if len({scale.name for scale in scales}) < len(scales):
        written.fail("Every scale of a design needs a name of its own.")
    return scales


def _named(part: Written) -> bool:
    if not isinstance(part.value, Mapping) or "name" not in part.value:
        part.fail(f"a scale reads {{name: naturalness, points: 5}}, points being 2 or more; got {part.value!r}.")
    return True


def _cohorts(written: Written) -> dict[str, int]:
    if not isinstance(written.value, Mapping):
        written.fail(f"cohorts are a mapping of names to votes a trial; got {written.value!r}.")
    return {str(name): written.at(name).number(1) for name in written.value}


def _stimuli(written: Written) -> Stimuli:
    words = lambda part: part.each(Written.text)  # noqa: E731
    levels = [level.value for level in CaptionLevel]
    readers = {
        "query": lambda part: part.text(empty=True), "checkpoints": lambda part: None if part.value is None else words(part),
        "levels": lambda part: part.each(lambda level: level.one_of(levels)), "settings": _settings,
        "seeds": lambda part: part.each(lambda seed: seed.number(0)),
        "between": lambda part: part.each(lambda factor: factor.one_of(FACTORS)), "reference": Written.truth, "outside": _outside,
        "source_lightness": Written.truth,
    }  # fmt: skip
    return Stimuli(**written.parts(readers, "A study's stimuli"))


def _settings(written: Written) -> dict[str, Any]:
    if not isinstance(written.value, Mapping):
        written.fail(f"settings are a mapping such as {{steps: 8}}; got {written.value!r}.")
    return dict(written.value)


def _outside(written: Written) -> tuple[Outside, ...]:
    levels = ["", *(level.value for level in CaptionLevel)]
    text = lambda part: part.text(empty=True)  # noqa: E731
    readers = {"name": Written.text, "folder": text, "manifest": text, "level": lambda part: part.one_of(levels)}

    def one(part: Written) -> Outside:
        given = part.parts(readers, "An outside system")
        if not given.get("name"):
            part.fail("an outside system needs a name: {name: peer, folder: outputs}.")
        if bool(given.get("folder")) == bool(given.get("manifest")):
            part.fail("an outside system needs a folder or a manifest, and not both: {name: peer, folder: outputs}.")
        return Outside(**given)

    found = written.each(one)
    if len({outside.name for outside in found} - {"reference"}) < len(found):
        written.fail("outside systems need names of their own, and none is called reference.")
    return found


def _check_together(written: Written, design: Design) -> None:
    """Parts that do not go together are refused, each by its own line."""
    if "design" not in written.value:
        return
    given, rules = written.at("design"), design.rules
    _check_method(given, design.method, rules)
    if rules.cohorts and sum(rules.cohorts.values()) != design.votes_per_trial:
        says = f"the cohorts' votes add up to {sum(rules.cohorts.values())}, votes_per_trial says {design.votes_per_trial}."
        given.at("cohorts").fail(says)
    recruitment_io.check_code(given, rules)
    if rules.reference and design.stimuli.reference:
        given.at("reference").fail("the original cannot both stand beside and compete: raters would know it at once.")


def _check_method(given: Written, method: RatingMethod, rules: Rules) -> None:
    """What only one method knows is refused to the others."""
    if "scales" in given.value and method is not RatingMethod.CATEGORY:
        given.at("scales").fail(f"only category studies have scales; this one is a {method} study.")
    if method is RatingMethod.PAIR:
        return
    if rules.view != VIEWS[0]:
        given.at("view").fail(f"only pairs are seen by {rules.view}; a {method} study is seen side by side.")
    if rules.selection != SELECTIONS[0]:
        given.at("selection").fail("only pairs are selected by what they tell; leave it balanced.")


def write(design: Design) -> str:
    """A design as YAML that reads back the same; parts at their defaults are left out."""
    whole: dict[str, Any] = {"name": design.name, "question": design.question, "method": design.method.value}
    whole |= {"votes_per_trial": design.votes_per_trial, "seed": design.seed}
    for name, part in (("design", stored(design.rules)), ("stimuli", stored(design.stimuli))):
        if part:
            whole[name] = part
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)


def stored(part: Rules | Stimuli | Recruitment) -> dict[str, Any]:
    """Rules or stimuli as the store and a file keep them: plain values, defaults left out."""
    usual, plain = type(part)(), asdict(part)
    changed = [one.name for one in fields(part) if getattr(part, one.name) != getattr(usual, one.name)]
    return {name: stored(value) if isinstance(value := getattr(part, name), Recruitment) else _plain(plain[name]) for name in changed}


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


def check_rules(given: Any, method: RatingMethod | None = None) -> Rules:
    """The rules in a mapping; raises InvalidInputError that names the part, also where it is not for the study's method."""
    written = Written(given)
    if isinstance(given, Mapping):
        written = Written({name: value for name, value in given.items() if name != "stimuli"})
    rules = _rules(written)
    if method is not None:
        _check_method(written, method, rules)
    return rules


def of_study(study: Study) -> Design:
    """The design that a study was made from; where it was made without one, what can be told of it."""
    stimuli = _stimuli(Written(study.design.get("stimuli", {}), ("stimuli",)))
    return Design(study.name, study.question, study.method, study.votes_per_trial, study.seed, rules_of(study), stimuli)


def takes_ties(study: Study) -> bool:
    """Whether a rater may call a draw: in pair studies unless the design forbids it."""
    return study.method is RatingMethod.PAIR and rules_of(study).ties


def scales_of(study: Study) -> tuple[Scale, ...]:
    """The scales of a category study; none for other methods."""
    return rules_of(study).scales if study.method is RatingMethod.CATEGORY else ()
