"""A text of YAML from a stranger is read in bounded time and space, and every refusal names its place."""

import pytest

from workbench.errors import InvalidInputError
from workbench.yaml_fields import read_text

BILLION_LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
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
    assert written.value["name"] == "café"
    assert written.value["rules"][0]["when"] == {"adherence": ">= 0.7"}
