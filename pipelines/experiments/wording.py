"""Whether the same wish in other words gives the same colors."""

from collections.abc import Callable
from dataclasses import replace

from pipelines.experiments.cases import Case, colors_of, rewritten
from pipelines.experiments.frame import Condition, Experiment

SYNONYMS = {
    "red": "crimson", "orange": "tangerine", "yellow": "lemon", "green": "emerald", "blue": "azure", "cyan": "turquoise",
    "purple": "violet", "pink": "rose", "brown": "chocolate", "gray": "silver", "white": "ivory", "black": "jet black",
}  # fmt: skip


def _each_color(case: Case, said: Callable[[str], str]) -> Case:
    """The case whose color words are said otherwise."""
    return rewritten(
        case, [(span, said(case.caption[slice(*span)].lower())) for _, mention in colors_of(case) for span in mention.color_spans]
    )


def _synonyms(case: Case) -> Case:
    return _each_color(case, lambda word: SYNONYMS.get(word, word))


def _ish(case: Case) -> Case:
    return _each_color(case, lambda word: f"{word}-colored")


def _began(case: Case, beginning: str) -> Case:
    """The case whose caption has words before it."""
    moved = [replace(one, start=one.start + len(beginning), end=one.end + len(beginning)) for one in case.phrases]
    return replace(case, caption=beginning + case.caption, phrases=tuple(moved))


EXPERIMENT = Experiment(
    "wording",
    "Do colors stay when a caption asks for them in other words?",
    (
        Condition("as written"),
        Condition("synonyms", _synonyms),
        Condition("-colored", _ish),
        Condition("CAPITALS", lambda case: replace(case, caption=case.caption.upper())),
        Condition("a photo of …", lambda case: _began(case, "a photo of ")),
        Condition("a long beginning", lambda case: _began(case, "an old picture that somebody took on a journey long ago, with ")),
    ),
    note="Synonyms: " + ", ".join(f"{word} → {other}" for word, other in SYNONYMS.items()) + ".",
    needs=lambda case: bool(colors_of(case)),
)
