"""Find and replace: whole words, within words, in any case, by expression."""

import pytest

from workbench.captions.find_and_replace import replacer


def _replace(text, pattern, replacement, **how):
    return replacer(pattern, replacement, **{"regex": False, "inside": False, "case": False, **how})(text)


@pytest.mark.parametrize(
    ("text", "how", "after"),
    [
        ("a covered red car", {}, "a covered blue car"),
        ("a covered red car", {"inside": True}, "a coveblue blue car"),
        ("Red cars, RED vans and red-hot irons", {}, "Blue cars, BLUE vans and blue-hot irons"),
        ("Red cars and red vans", {"case": True}, "Red cars and blue vans"),
        ("a red_car", {}, "a red_car"),
    ],
)
def test_words_are_found_as_they_are_wanted(text, how, after):
    assert _replace(text, "red", "blue", **how).text == after


def test_a_pattern_that_ends_in_no_letter_has_no_border_there():
    assert _replace("a cup, a mug", "a ", "one ").text == "one cup, one mug"


def test_an_expression_uses_its_groups_and_keeps_to_its_case():
    assert _replace("a Red car", r"a (\w+)", r"the \1", regex=True).text == "the Red car"
    assert _replace("a Red car", "red", "blue", regex=True).text == "a Red car"


@pytest.mark.parametrize(("pattern", "replacement", "regex"), [("red", "turquoise", False), (r"r(e)d|", r"\1", True), ("a", "", False)])
def test_the_spans_cut_what_was_replaced_and_what_came_instead(pattern, replacement, regex):
    text = "a red and a Red car"
    done = _replace(text, pattern, replacement, regex=regex)
    assert len(done.old_spans) == len(done.new_spans)
    kept = [text[end:start] for (_, end), (start, _) in zip(((0, 0), *done.old_spans), (*done.old_spans, (len(text), 0)), strict=True)]
    instead = [done.text[start:end] for start, end in done.new_spans]
    assert "".join(word for pair in zip(kept, [*instead, ""], strict=True) for word in pair) == done.text
