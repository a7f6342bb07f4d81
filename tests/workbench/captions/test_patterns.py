"""An expression that somebody writes is matched in linear time, and says what cannot be used of it."""

import subprocess
import sys

import pytest

from workbench.captions.patterns import LONGEST, replacer
from workbench.errors import InvalidInputError


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "after"),
    [
        (r"\bcup\b", "mug", "a cup, cups", "a mug, cups"),
        (r"(\w+) (\w+)", r"\2 \1", "red cup", "cup red"),
        (r"(?P<color>red|blue) cup", r"\g<color> mug", "a blue cup", "a blue mug"),
        ("cup", r"<\0>", "a cup", "a <cup>"),
        ("é", "e", "café é", "cafe e"),
        ("(a)|(b)", r"[\1\2]", "ab", "[a][b]"),
        (r"\s+", r"\\", "a b", "a\\b"),
    ],
)
def test_matches_are_replaced_and_groups_filled_in(pattern, replacement, text, after):
    assert replacer(pattern, replacement)(text) == after


HANGING = r"""
from workbench.captions.patterns import replacer
for pattern in ("(a+)+$", "(a|aa)+$", "(.*)*x", "(?:a?){500}a{500}", "([a-z]+)*=", "(x+x+)+y"):
    replacer(pattern, "")("a" * 20_000 + "!")
    replacer(pattern, "")("x" * 20_000)
"""


@pytest.mark.slow
def test_no_expression_takes_longer_than_its_text_is_long():
    subprocess.run([sys.executable, "-c", HANGING], check=True, timeout=120)


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        ("(", "", "missing"),
        ("(a)", r"\2", "1 groups"),
        ("a", r"\g<name>", "0 groups"),
        ("a", "\\", "write"),
        (r"(a)\1", "", "no back references"),
        ("(?=a)", "", "no looking ahead"),
        ("((a{100}){100}){100}", "", "cannot be used"),
        ("a" * (LONGEST + 1), "", "at most"),
        ("a", "\x00", "null"),
        ("\x00", "", "null"),
        ("\ud800", "", "half of a pair"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(pattern, replacement, reason):
    with pytest.raises(InvalidInputError, match=reason):
        replacer(pattern, replacement)
