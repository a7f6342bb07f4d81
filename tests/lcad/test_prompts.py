import warnings

import pytest

from lcad.prompts import CaptionTruncated, find_phrase, find_phrases, phrase_tokens, read_prompt

LENGTH = 24


def spelled(tiny, prompt, span):
    """The characters of the caption that the tokens of a span cover."""
    kept = [offset for offset, on in zip(prompt.offsets, prompt.tokens_of(span), strict=True) if on]
    return prompt.caption[kept[0][0] : kept[-1][1]]


def test_a_phrase_has_the_tokens_that_spell_it_and_no_others(tiny):
    caption = "a red cup, a blue dög on the tablecloth"
    prompt = read_prompt(tiny.tokenizer, caption, LENGTH)
    for phrase in ("a red cup", "a blue dög", "tablecloth"):
        assert spelled(tiny, prompt, find_phrase(caption, phrase)) == phrase
    comma = caption.index(",")
    both = prompt.tokens_of(find_phrase(caption, "a red cup")) + prompt.tokens_of(find_phrase(caption, "a blue dög"))
    assert both.max() == 1
    assert not (prompt.tokens_of((comma, comma + 1)) * both).any()


def test_ids_are_padded_to_the_length_and_marks_belong_to_no_phrase(tiny):
    prompt = read_prompt(tiny.tokenizer, "a cup", LENGTH)
    assert len(prompt.ids) == len(prompt.offsets) == LENGTH
    tokens = prompt.tokens_of((0, len("a cup")))
    assert tokens[0] == 0  # the start mark
    assert not tokens[list(prompt.ids).index(tiny.tokenizer.eos_token_id) :].any()
    assert prompt.lost == ""


def test_repeated_phrases_take_their_occurrences_in_turn_and_share_the_last():
    caption = "a red cup, a red cup and a Red  cup"
    assert [caption[a:b] for a, b in find_phrases(caption, ["a red cup"] * 4)] == ["a red cup", "a red cup", "a Red  cup", "a Red  cup"]
    first, second, third, fourth = find_phrases(caption, ["a red cup"] * 4)
    assert first[0] < second[0] < third[0] == fourth[0]


def test_a_phrase_is_found_as_whole_words_whatever_its_case_and_spaces():
    assert find_phrase("the scarlet car and the car", "car") == (12, 15)
    assert find_phrase("A\nGreen  apple", " a green apple ") == (0, 14)
    with pytest.raises(ValueError, match="“car” does not stand in the caption “a scarlet scarf”"):
        find_phrase("a scarlet scarf", "car")
    with pytest.raises(ValueError, match="does not stand"):
        find_phrase("a cup", "  ")
    assert find_phrase("what (really) is a c++ cup?", "c++") == (19, 22)


def test_spans_pass_through_unless_they_leave_the_caption():
    assert find_phrases("a red cup", [(2, 5), "cup"]) == [(2, 5), (6, 9)]
    for span in ((-1, 2), (3, 3), (2, 10)):
        with pytest.raises(ValueError, match="lies outside of the caption, which has 9 characters"):
            find_phrases("a red cup", [span])


def test_a_long_caption_is_cut_with_a_warning_that_has_the_words_lost(tiny):
    words = [f"word{number}" for number in range(300)]
    caption = " ".join(words)
    with pytest.warns(CaptionTruncated, match="cut at 24 tokens") as caught:
        prompt = read_prompt(tiny.tokenizer, caption, LENGTH)
    assert len(prompt.ids) == LENGTH
    assert prompt.ids[-1] == tiny.tokenizer.eos_token_id
    lost = prompt.lost.split()
    assert lost == words[-len(lost) :]
    assert prompt.lost in str(caught[0].message)
    whole = [word for word in words if prompt.tokens_of(find_phrase(caption, word)).any()]
    assert words[: len(words) - len(lost)] == whole[: len(words) - len(lost)]
    assert len(whole) - (len(words) - len(lost)) <= 1  # a word may be cut in its middle: it counts as lost


def test_a_phrase_past_the_cut_has_no_tokens_and_says_so(tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prompt = read_prompt(tiny.tokenizer, "a red cup " * 20 + "blue dog", LENGTH)
    with pytest.warns(CaptionTruncated, match="“blue dog” lies past the cut"):
        tokens = phrase_tokens(prompt, ["blue dog", "a red cup"])
    assert tokens.shape == (2, LENGTH)
    assert not tokens[0].any()
    assert tokens[1].any()


def test_a_caption_of_exactly_the_length_is_not_cut(tiny):
    words = ["a"] * (LENGTH - 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        prompt = read_prompt(tiny.tokenizer, " ".join(words), LENGTH)
    assert prompt.tokens_of((0, len(prompt.caption))).sum() == LENGTH - 2


def test_no_phrases_are_no_rows(tiny):
    assert phrase_tokens(read_prompt(tiny.tokenizer, "", LENGTH), []).shape == (0, LENGTH)


def test_words_said_otherwise_keep_their_places_in_the_caption(tiny):
    caption = "a #00aa55 cup and a burgundy dog"
    said = ("a green cup and a red dog", [(2, 9, 5), (20, 28, 3)])
    prompt = read_prompt(tiny.tokenizer, caption, LENGTH, said)
    assert prompt.ids == read_prompt(tiny.tokenizer, said[0], LENGTH).ids
    for phrase in ("a #00aa55 cup", "a burgundy dog", "cup"):
        assert spelled(tiny, prompt, find_phrase(caption, phrase)) == phrase
