"""What the parts of photos are called: clothes, grounds, things and people, by the labels of `photo_words.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["person", "garment", "ground", "thing"]
PERSONS = ("person", "skin")


@cache
def words() -> dict[str, Any]:
    """The content of `photo_words.toml`."""
    return tomllib.loads(files("pipelines.composing").joinpath("photo_words.toml").read_text(encoding="utf-8"))


def label_of(name: str) -> str:
    """The label that a collection's own name stands for."""
    return words()["aliases"].get(name, name)


def kind_of(label: str) -> Kind:
    """What a label names; what is not known is a thing."""
    if label in PERSONS:
        return "person"
    return "garment" if label in words()["garments"] else "ground" if label in words()["grounds"] else "thing"


def nouns_of(label: str) -> list[str]:
    """The nouns that a label goes by; itself where no others are known."""
    kind = kind_of(label)
    if kind == "person":
        return words()["people"]
    return words()["grounds"][label]["nouns"] if kind == "ground" else words()[f"{kind}s"].get(label, [label])


def has_plural_form(noun: str) -> bool:
    """Whether a noun stands in the plural always: "jeans", "curtains"."""
    return noun in words()["plural_only"]


def is_uncounted(noun: str) -> bool:
    """Whether a noun goes without an article: "grass", "hair"."""
    return noun in words()["uncounted"]
