"""Names and hex codes that say more than a term: where they stand in a text, and what stands for them."""

import pytest

from lcad.terms import exact_color_of, exact_colors, hex_code, in_terms, table_name, terms_in


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a burgundy car", {"burgundy": "burgundy"}),
        ("a #0a5 car under a #0000FF sky", {"#0a5": "#00aa55", "#0000FF": "#0000ff"}),
        ("a navy blue coat and a red hat", {"navy blue": "navy blue"}),
        ("a salmon-colored shirt", {"salmon-colored": "salmon"}),
        ("a burgundy red couch", {"burgundy red": "burgundy"}),
        ("a blue-gray wall", {"blue-gray": "blue grey"}),
        ("a robin's egg blue door", {"robin's egg blue": "robin egg blue"}),
        ("a light blue car, a dark green one", {}),  # what every caption says is the denoiser's
        ("a mint on a plate beside an olive", {}),
        ("a glass of orange juice at a brick wall", {}),
        ("a #0000FFG thing, number #12", {}),
    ],
)
def test_exact_colors_are_found_where_they_are_said_of_a_thing(text, named):
    assert {text[color.start : color.end]: color.name for color in exact_colors(text)} == named


def test_a_phrase_has_one_exact_color_or_none():
    assert exact_color_of("a mint dress") == "mint"
    assert exact_color_of("a burgundy and salmon dress") is None
    assert exact_color_of("a red and burgundy quilt") is None
    assert exact_color_of("a red dress") is None


def test_codes_are_read_as_the_terms_that_name_them_best():
    assert terms_in("a #0000ff car and a #0a5 door") == ("blue", "green")
    assert terms_in("a teal sofa") == ("cyan",)


def test_a_text_can_be_said_in_terms_with_the_places_of_what_was_changed():
    said, places = in_terms("a burgundy car, a mint wall", lambda words: words != "mint")
    assert (said, places) == ("a red car, a mint wall", [(2, 10, 3)])


def test_names_and_codes_have_one_spelling():
    assert (table_name("Slate  Gray"), table_name("robin's egg blue"), table_name("no such")) == ("slate grey", "robin egg blue", None)
    assert (hex_code("#0A5"), hex_code("#1f3a93"), hex_code("0a5"), hex_code("#12345")) == ("#00aa55", "#1f3a93", None, None)
