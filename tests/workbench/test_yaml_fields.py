"""A text of YAML from a stranger is read in bounded time and space, and every refusal names its place."""

from dataclasses import dataclass
from typing import Annotated

import pytest
from pydantic import Field

from workbench.errors import InvalidInputError
from workbench.yaml_fields import FilledText, Truth, part, read_text, validate

BILLION_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nday: 2001-01-01", "line 2, `day`: .*in quotes"),
        ("a: !!set {x: null}", "line 1, `a`: .*in quotes"),
        (BILLION_LAUGHS, "line 2: .*alias"),
        ("a: &a {b: *a}", "line 1: .*alias"),
        ("a: " + "[" * 5000, "deep"),
        ("a: " + "{b: " * 5000, "deep"),
        ("a: " + "[" * 5000 + "]" * 5000, "deep"),
        ("a: " + "9" * 5000, "cannot be read"),
        ("a: 1\nb: " + "9" * 30, "line 2, `b`: .*64 bits"),
        ("shares: {train: .nan}", "line 1, `shares.train`: a number"),
        ("shares: {train: .inf}", "a number"),
        ('name: "a\\0b"', "`name`: a text"),
        ('name: "\\ud800"', "no character|a text|cannot be read"),
        ("when: 2001-13-45", "cannot be read"),
        ("? [a, b]\n: c", "cannot be read|no name"),
        ("a: !!python/object/apply:os.system [ls]", "cannot be read"),
        ("a: " + "x" * 1_000_001, "at most"),
        ("- a", "no mapping"),
    ],
)
@pytest.mark.slow
def test_a_hostile_text_is_refused_at_its_place(text, reason):
    with pytest.raises(InvalidInputError, match=reason) as refused:
        read_text(text, "The text")
    assert len(str(refused.value)) < 400


RULES = """\
name: café
rules:
  - {verdict: accept, when: {adherence: ">= 0.7"}}
seed: 3
shares: {train: 0.8}
"""


def test_what_people_write_is_read():
    written = read_text(RULES, "The text")
    assert written["name"] == "café"
    assert written["rules"][0]["when"] == {"adherence": ">= 0.7"}
    assert (written.lines["rules", 0, "when"], written.lines["seed",]) == (3, 4)


@dataclass(frozen=True)
class Frame:
    __pydantic_config__ = part("A frame")

    wood: FilledText
    width: Annotated[int, Field(strict=True, ge=1, le=9)] = 1
    gilded: Truth = False


@dataclass(frozen=True)
class Picture:
    __pydantic_config__ = part("A picture")

    frames: tuple[Frame, ...] = ()
    frame: Frame | None = None


PICTURE = """\
frames:
  - wood: oak
    width: 12
  - {wood: "", gildet: true}
frame:
  width: wide
  gilded: 1
"""


def test_all_problems_are_told_at_once_each_with_its_line_and_key():
    with pytest.raises(InvalidInputError) as refused:
        validate(Picture, read_text(PICTURE, "The text"))
    assert str(refused.value).splitlines() == [
        "line 3, `frames.0.width`: a whole number, from 1 to 9, belongs here; got 12.",
        "line 4, `frames.1.wood`: a text belongs here; got ''.",
        'line 4, `frames.1.gildet`: A frame has no part "gildet"; did you mean "gilded"?',
        "line 5, `frame.wood`: A frame needs this part, and it is left out.",
        "line 6, `frame.width`: a whole number, from 1 to 9, belongs here; got 'wide'.",
        "line 7, `frame.gilded`: this is true or false; got 1.",
    ]


def test_many_problems_are_cut_and_long_values_too():
    frames = [{"wood": [number] * 900} for number in range(40)]
    with pytest.raises(InvalidInputError) as refused:
        validate(Picture, {"frames": frames})
    lines = str(refused.value).splitlines()
    assert lines[-1] == "… and 32 more."
    assert max(map(len, lines)) < 200


@pytest.mark.parametrize(
    ("value", "says"), [([], "A picture is a mapping"), ({1: 2}, 'no part "1"'), ({"frame": 3}, "`frame`: A frame is a mapping")]
)
def test_what_is_no_mapping_of_names_is_refused(value, says):
    with pytest.raises(InvalidInputError, match=says):
        validate(Picture, value)
