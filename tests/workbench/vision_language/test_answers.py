"""What models put around a caption is taken off; what is no caption is refused with the reason."""

import pytest

from db.enums import CaptionLevel
from workbench.vision_language import UnusableAnswerError, read_answer

THREE = '{"complete": "A red cup on a brown table.", "partial": "A red cup on a table.", "scarce": "A cup on a table."}'


@pytest.mark.parametrize(
    "answer",
    ["A red cup.", ' "A red cup." ', "Caption: A red cup.", "**Description:** A red cup.", "```\nA red cup.\n```",
     "<think>what is it?\nA cup.</think>\nA red cup."],
)  # fmt: skip
def test_one_sentence_is_found_whatever_is_around_it(answer):
    assert read_answer(answer, "derive") == {CaptionLevel.COMPLETE: "A red cup."}


@pytest.mark.parametrize("answer", [THREE, f"```json\n{THREE}\n```", f"Here it is: {THREE} I hope it helps."])
def test_three_levels_are_read_from_an_object(answer):
    assert read_answer(answer, "ask") == {
        CaptionLevel.COMPLETE: "A red cup on a brown table.",
        CaptionLevel.PARTIAL: "A red cup on a table.",
        CaptionLevel.SCARCE: "A cup on a table.",
    }


@pytest.mark.parametrize(
    ("answer", "mode", "words"),
    [
        ("", "derive", "empty"), ("A cup.\nA table.", "derive", "2 lines"), ("I'm sorry, I can't help with that.", "derive", "refused"),
        ("...", "derive", "no sentence"), ("a cup " * 100, "derive", "characters"), ("A\x00 cup", "derive", "no sentence"),
        ("A red cup.", "ask", "no JSON object"), ('{"complete": "A red cup."}', "ask", "partial"), ('{"complete": 3', "ask", "no JSON"),
    ],
)  # fmt: skip
def test_what_is_no_caption_is_refused_with_the_reason(answer, mode, words):
    with pytest.raises(UnusableAnswerError, match=words):
        read_answer(answer, mode)
