"""Captions of photos name what they are given, with its colors, in good order and with spans that hold."""

import numpy as np
import pytest

from pipelines.composing.photo_captions import Part, write_photo_caption
from pipelines.composing.photo_words import kind_of, nouns_of, words

SCENES = {
    "a woman in two garments before a wall": [("dress", "red"), ("boots", "black"), ("wall", "blue"), ("person", "")],
    "a dog on grass": [("dog", "green"), ("grass", "yellow")],
    "vehicles under the sky": [("sky", "pink"), ("car", "bright red"), ("bus", "")],
    "the sea": [("sea", "")],
}


@pytest.mark.parametrize("scene", SCENES)
def test_spans_hold_nouns_of_their_part_and_its_color_alone(scene):
    parts = [Part(n, label, color, (0.3 * n, 0.5)) for n, (label, color) in enumerate(SCENES[scene])]
    texts = set()
    for seed in range(80):
        caption = write_photo_caption(np.random.default_rng(seed), parts)
        texts.add(caption.text)
        for phrase in caption.phrases:
            assert caption.text[phrase.start : phrase.end] == phrase.text
            part = parts[phrase.subject]
            assert any(noun in phrase.text for noun in nouns_of(part.label))
            assert part.color in phrase.text
            assert phrase.colored == bool(part.color)
        named = {phrase.subject for phrase in caption.phrases}
        assert {part.subject for part in parts if kind_of(part.label) != "person"} <= named
        assert caption.level == ("scarce" if scene == "the sea" else "complete" if all(p.color for p in parts) else "partial")
    assert len(texts) > (4 if scene == "the sea" else 60)


def test_several_things_are_counted_and_two_are_told_apart():
    several = {write_photo_caption(np.random.default_rng(n), [Part(0, "sheep", "white", (0.5, 0.5), 3)]).text for n in range(40)}
    assert any("lambs" in text or "goats" in text for text in several)
    pair = [Part(0, "cup", "red", (0.2, 0.5), 1, "left"), Part(1, "cup", "blue", (0.8, 0.5), 1, "right")]
    texts = [write_photo_caption(np.random.default_rng(n), pair).text for n in range(40)]
    assert any("on the left" in text for text in texts)
    assert all("the red" not in text or "on the right" not in text.split("red", 1)[1].split("blue")[0] for text in texts)


def test_plural_and_uncounted_nouns_have_no_article():
    for label, wrong in (("jeans", "a "), ("hair", "a "), ("grass", "a grass")):
        texts = [write_photo_caption(np.random.default_rng(n), [Part(0, label, "", (0.5, 0.5))]).phrases[0].text for n in range(30)]
        assert not any(text.startswith(wrong) and text.split()[-1] in (*words()["plural_only"], *words()["uncounted"]) for text in texts)
