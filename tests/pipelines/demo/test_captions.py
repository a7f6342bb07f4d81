"""Marked captions, and the demo's captions against the reader of levels."""

import pytest

from pipelines.demo.captions import parse_caption, parse_captions
from workbench.levels import read_caption


def test_marks_become_phrases_with_the_spans_of_the_plain_text():
    caption = parse_caption("{cup|a red cup} on {table|a brown table}", "complete")
    assert caption.text == "a red cup on a brown table"
    assert [(phrase.region, caption.text[phrase.start : phrase.end]) for phrase in caption.phrases] == [
        ("cup", "a red cup"),
        ("table", "a brown table"),
    ]


@pytest.mark.parametrize("broken", ["{cup|a red cup on a table", "a cup| on a table", "{cup} on a table"])
def test_a_broken_mark_is_refused_and_shown(broken):
    with pytest.raises(ValueError, match=r"a mark is written \{region\|words\}"):
        parse_caption(broken, "scarce")


def test_an_unknown_level_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="complete, partial, scarce, got 'full'"):
        parse_caption("a cup", "full")


def test_captions_come_from_complete_to_scarce():
    assert [caption.level for caption in parse_captions({"scarce": ["a cup"], "complete": ["a red cup"]})] == ["complete", "scarce"]


@pytest.mark.slow
def test_every_caption_has_the_level_that_the_reader_of_captions_gives_it(photos, scenes):
    captions = [caption for item in (*photos, *scenes) for caption in item.captions]
    disagreements = [(caption.text, caption.level) for caption in captions if read_caption(caption.text).level != caption.level]
    assert len(captions) > 100
    assert disagreements == []


@pytest.mark.slow
def test_every_phrase_is_one_mention_of_its_caption_by_a_noun_of_its_region(photos, scenes):
    for item in (*photos, *scenes):
        nouns = {region.name: region.nouns for region in item.regions}
        for caption in item.captions:
            spans = {(mention.start, mention.end): mention.object for mention in read_caption(caption.text).mentions}
            for phrase in caption.phrases:
                assert phrase.text == caption.text[phrase.start : phrase.end]
                assert phrase.text.endswith(nouns[phrase.region]), (item.name, phrase)
                assert (phrase.start, phrase.end) in spans, (caption.text, phrase.text, spans)
