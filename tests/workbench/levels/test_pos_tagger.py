"""Words keep their place in the text, whatever the text."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench.levels.pos_tagger import MAX_CHARACTERS, words_of, words_of_texts


@pytest.mark.parametrize("text", ["a snow-white cat", "A RED\nbus", "İstanbul's red tram", "a 🟥 red - blue kite", "newly wed couple"])
def test_every_word_is_found_in_the_text_at_its_span(text):
    for word in words_of(text):
        assert word.text.strip() == text[word.start : word.end].strip() or word.text == text[word.start : word.end].lower()


def test_hyphened_words_are_one_word_and_loose_hyphens_are_not():
    assert [word.text for word in words_of("a navy-blue cap - a grayish-brown owl")] == [
        "a",
        "navy-blue",
        "cap",
        "-",
        "a",
        "grayish-brown",
        "owl",
    ]


def test_what_is_beyond_the_longest_caption_is_not_read():
    assert words_of("x" * 10 + " " * MAX_CHARACTERS + "car")[-1].text != "car"


@pytest.mark.parametrize("count", [0, 1, 7])
def test_no_caption_is_lost_between_batches(count):
    texts = [f"a red car {index}" for index in range(count)]
    assert [words[-1].text for words in words_of_texts(texts, batch_size=3)] == [str(index) for index in range(count)]


def test_threads_read_the_same_as_one_alone():
    texts = [f"a {color} bird on a wire" for color in ("red", "green", "teal", "maroon")] * 5
    alone = [words_of(text) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(words_of, texts)) == alone


@pytest.mark.slow
def test_reading_a_caption_never_loads_torch():
    code = "import sys; from workbench.levels import read_caption; read_caption('a red car'); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.model
@pytest.mark.slow
def test_torch_can_be_imported_after_a_caption_was_read():
    code = "from workbench.levels import read_caption; read_caption('a red car'); import torch; print(torch.ones(1).item())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "1.0"


def test_what_runs_on_without_a_space_is_one_word_and_the_rest_is_read():
    run = ":(" * 2000
    text = f"A red cup {run} on a brown table"
    words = words_of(text)
    assert [word.text for word in words] == ["a", "red", "cup", run, "on", "a", "brown", "table"]
    assert all(text[word.start : word.end].lower() == word.text for word in words)
