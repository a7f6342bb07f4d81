"""Colors as people name them: one table, and a hint where a name is none."""

import pytest

from workbench.errors import InvalidInputError
from workbench.imaging import code_of, color_codes, color_note, palette_of, require_color, rgb_of_code


def test_a_color_is_kept_in_one_spelling():
    said = {"Salmon": "salmon", "#0A5": "#00aa55", "grey": "gray", "navy-blue": "navy blue", "robin's egg blue": "robin egg blue"}
    assert {text: require_color(text) for text in said} == said
    assert (code_of("#00aa55"), code_of("salmon"), code_of("red")) == ("#00aa55", color_codes()["salmon"], None)
    assert rgb_of_code("#0a5") == (0, 170, 85)


def test_what_is_no_color_is_refused_with_the_nearest_names():
    with pytest.raises(InvalidInputError, match=r"“burgandy” is no color that is known\. Do you mean burgundy"):
        require_color("burgandy")


def test_names_with_two_meanings_and_ranges_are_said():
    assert color_note("salmon") == "salmon is #ff796c; CSS has #fa8072: write the code if you mean that"
    assert color_note("red") == "red: any red that suits the picture"
    assert color_note("#00aa55") == ""


def test_a_palette_is_a_list_of_colors():
    assert palette_of("navy, #F5E6C8; mustard, navy") == ["navy", "#f5e6c8", "mustard"]


def test_the_table_is_the_model_s():
    distributions = pytest.importorskip("lcad.terms.distributions", reason="needs the model extra")
    assert {name: rgb_of_code(code) for name, code in color_codes().items()} == distributions.named_colors()
