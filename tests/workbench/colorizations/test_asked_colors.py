"""Pins and palettes: read from words, checked, told in words."""

import pytest

from workbench.colorizations.asked_colors import asked_colors, notes, pins_in_words, pins_of
from workbench.errors import InvalidInputError


def test_pins_are_read_from_words():
    pins = [{"thing": "old car", "color": "burgundy"}, {"thing": "sky", "color": "#8888ff"}]
    assert pins_of("Old  car = Burgundy; sky=#88f") == pins_of("old car = burgundy, sky = #8888ff") == pins
    for text, sentence in (("car burgundy", "pins no color"), ("car = burgandy", "Do you mean burgundy"), ("= red", "pins no color")):
        with pytest.raises(InvalidInputError, match=sentence):
            pins_of(text)


def test_only_what_is_asked_for_is_among_the_settings_and_can_be_told():
    assert asked_colors([], []) == {}
    mask = {"size": [2, 2], "counts": "04"}
    settings = asked_colors([{"thing": "car", "color": "Salmon"}, {"stroke": mask, "color": "#0a5"}], ["Navy"])
    assert settings == {"pins": [{"thing": "car", "color": "salmon"}, {"stroke": mask, "color": "#00aa55"}], "palette": ["navy"]}
    assert pins_in_words(settings) == "car = salmon · a stroke = #00aa55 · palette navy"
    assert [note.split(";")[0] for note in notes(settings)] == ["salmon is #ff796c", "navy is #01153e"]
    with pytest.raises(InvalidInputError, match="with a thing or with a stroke"):
        asked_colors([{"color": "red"}], [])
