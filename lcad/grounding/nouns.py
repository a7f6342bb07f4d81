"""Nouns that the grounder knows: the vector of each, the detector's kinds and the classifier's classes that it covers.

The table was made from WordNet 3.0 and a sentence encoder (`pipelines.pretraining.noun_table`): a vector holds what the encoder makes of
the noun, and what kinds of things it is one of, so that a puppy is nearly a dog and a falcon a bird, though no picture taught their names.
"""

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path

import torch

FILE = "nouns.json.gz"
MOST_WORDS = 3
IRREGULAR = {
    "people": "person", "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "oxen": "ox", "leaves": "leaf", "knives": "knife", "loaves": "loaf", "shelves": "shelf", "wolves": "wolf",
    "calves": "calf", "scarves": "scarf", "hooves": "hoof", "buses": "bus", "glasses": "glasses", "shorts": "shorts", "pants": "pants",
}  # fmt: skip
ENDS = re.compile(
    r"\b(?:that|which|who|whose|is|are|was|were|in|on|at|with|without|near|beside|behind|under|over|by|from|to|for|against|next|and|while|"
    r"wearing|holding|standing|sitting)\b|[,.;:()]"
)
MEASURES = re.compile(r"\b(?:pairs?|bunch|cluster|piece|slice|group|herd|flock|row|pile|lot|kind|couple|set|number|stack|sheet) of\b")


@dataclass(frozen=True)
class Noun:
    """A noun of the table: its number, and the numbers of the detector's kinds and of the classifier's classes that it covers."""

    number: int
    name: str
    kinds: tuple[int, ...]
    classes: tuple[int, ...]


class NounTable:
    """The nouns of a file, in the order of their vectors."""

    def __init__(self, names: list[str], kinds: list[list[int]], classes: list[list[int]]):
        rows = enumerate(zip(names, kinds, classes, strict=True))
        self.nouns = [Noun(number, name, tuple(seen), tuple(known)) for number, (name, seen, known) in rows]
        self._by_name = {noun.name: noun for noun in self.nouns}

    @classmethod
    def read(cls, folder: str | Path) -> "NounTable":
        """The table of a grounder's folder."""
        content = json.loads(gzip.decompress((Path(folder) / FILE).read_bytes()))
        return cls(content["nouns"], content["kinds"], content["classes"])

    def write(self, folder: str | Path) -> None:
        """Write the file that `read` reads."""
        columns = {
            "nouns": [n.name for n in self.nouns],
            "kinds": [n.kinds for n in self.nouns],
            "classes": [n.classes for n in self.nouns],
        }
        (Path(folder) / FILE).write_bytes(gzip.compress(json.dumps(columns, separators=(",", ":")).encode(), mtime=0))

    def __len__(self) -> int:
        return len(self.nouns)

    def named(self, name: str) -> Noun | None:
        """The noun of a name in the singular or the plural; None where it is not known."""
        name = name.lower()
        return next((self._by_name[form] for form in singulars(name) if form in self._by_name), None)

    def meant(self, phrase: str) -> Noun | None:
        """The noun that a phrase is about: of "a pair of small red alarm clocks on a shelf" the alarm clock. None where it knows none.

        The longest compound that is known counts; a phrase whose last word is not known is not understood.
        """
        words = re.findall(r"[^\W_][\w'-]*", _core(phrase))
        for count in range(min(MOST_WORDS, len(words)), 0, -1):
            if (noun := self.named(" ".join(words[-count:]))) is not None:
                return noun
        return None


def singulars(name: str) -> list[str]:
    """What a name may be in the table: itself, as of one thing, and without its hyphens."""
    *before, last = name.split(" ")
    forms = [last, IRREGULAR.get(last, last)]
    for ending, singular in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("oes", "o"), ("s", "")):
        if last.endswith(ending) and len(last) > len(ending) + 1 and not last.endswith("ss"):
            forms.append(last.removesuffix(ending) + singular)
    whole = [" ".join([*before, form]) for form in forms]
    return list(dict.fromkeys([*whole, *(form.replace("-", " ") for form in whole), *(form.replace("-", "") for form in whole)]))


def names_several(phrase: str) -> bool:
    """Whether a phrase is about several things, by its noun's last word: "red grapes", "two men"; also what only has a plural, "jeans"."""
    words = re.findall(r"[^\W_][\w'-]*", _core(phrase))
    return bool(words) and (words[-1] in IRREGULAR or re.search(r"[^su]s$", words[-1]) is not None)


def _core(phrase: str) -> str:
    """A phrase up to what is said of its noun: "a vase of flowers on a railing" is about a vase."""
    text = phrase.lower().strip()
    if measure := MEASURES.search(text):
        text = text[measure.end() :].strip()
    end = ENDS.search(text)
    text = text[: end.start()] if end and end.start() > 0 else text
    return re.split(r"\bof\b", text)[0].strip() or text


def int8_of(vectors: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors (N, W) in eight bits, and the scale of each of their axes (W,)."""
    scale = vectors.abs().amax(0).clamp(min=1e-6) / 127
    return (vectors / scale).round().to(torch.int8), scale
