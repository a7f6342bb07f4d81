"""The words of the raters' page: whole in every language, said in the study's, and what is wrong in a file is named."""

import pytest
import yaml

from workbench.errors import InvalidInputError, NotAllowedError
from workbench.studies import CONSENT, design_io, rater_words
from workbench.studies.rater_words import ENGLISH, LANGUAGES, refused, told_in, words_in

HEAD = "name: a\nquestion: b\nmethod: pair\ndesign:\n"


def filed(**changes):
    """A file of words in a language that does not come with the workbench, some words changed or (None) left out."""
    words = {key: f"«{sentence}»" for key, sentence in ENGLISH.sentences.items()} | changes
    return {"language": "he", "direction": "rtl", "words": {key: value for key, value in words.items() if value is not None}}


def test_every_language_that_comes_along_is_whole_and_says_nothing_in_english():
    for language in LANGUAGES[1:]:
        words = words_in(language, {})
        assert list(words.sentences) == list(ENGLISH.sentences)
        same = {key for key, sentence in words.sentences.items() if sentence == ENGLISH.sentences[key]}
        assert same == set()


def test_a_refusal_is_told_in_the_language_of_the_study():
    error = refused(NotAllowedError, "nameless", name="PROLIFIC_PID")
    assert str(error) == told_in(ENGLISH, error)
    assert "fehlt PROLIFIC_PID" in told_in(words_in("de", {}), error)
    assert told_in(words_in("de", {}), NotAllowedError("for curators")) == "for curators"


def test_a_design_names_its_language_and_agrees_to_the_consent_of_it_unless_it_writes_its_own():
    assert design_io.read(HEAD + "  ties: true").rules.consent == CONSENT
    assert "Teilnahme ist freiwillig" in design_io.read(HEAD + "  language: de").rules.consent
    assert design_io.read(HEAD + "  language: de\n  consent: Ja?").rules.consent == "Ja?"
    asks = design_io.read(HEAD + "  language: de\n  questionnaire: {before: [gender]}")
    assert asks.rules.consent.endswith("was Sie sagen, wird mit Ihren Antworten gespeichert.")
    assert design_io.read(design_io.write(asks)) == asks
    german = design_io.read(HEAD + "  language: de")
    assert design_io.read(design_io.write(german)) == german


def test_a_file_of_words_is_read_beside_the_design_and_kept_in_it(tmp_path):
    (tmp_path / "he.yaml").write_text(yaml.safe_dump(filed(), allow_unicode=True), encoding="utf-8")
    design = design_io.read(HEAD + "  words: he.yaml", base=tmp_path)
    words = words_in(design.rules.language, design.rules.words)
    assert (words.language, words.direction, words.say("left")) == ("he", "rtl", "«left»")
    assert design.rules.consent.startswith("«You will see")
    (tmp_path / "he.yaml").unlink()
    assert design_io.read(design_io.write(design)) == design


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"left": None, "right": None}, "`words`: 2 of {count} words are missing: left, right."),
        ({"lefft": "x"}, '`words.lefft`: the page has no word "lefft"; did you mean "left"?'),
        ({"left": ""}, "`words.left`: a text belongs here"),
        ({"scroll_for_more": "more below"}, "has a place for {{count}}, as in English: “{{count}} pictures: scroll for more”"),
        ({"left": "left of {name}"}, "has a place for nothing in braces"),
    ],
)
def test_what_is_wrong_in_a_file_of_words_is_named_with_the_file_and_the_line(tmp_path, changes, says):
    (tmp_path / "he.yaml").write_text(yaml.safe_dump(filed(**changes), allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidInputError) as refusal:
        design_io.read(HEAD + "  words: he.yaml", base=tmp_path)
    assert says.format(count=len(ENGLISH.sentences)) in str(refusal.value)
    assert str(refusal.value).startswith("he.yaml, line ")


@pytest.mark.parametrize(
    ("design", "says"),
    [
        ("language: fr", "line 5, `design.language`: the raters' page comes in en, de; got 'fr'. For another write a file of words"),
        ("words: nowhere.yaml", "nowhere.yaml cannot be read: No such file"),
        ("words: {language: he}", "`design.words`: a file of words holds them under `words`"),
        ("words: {language: so and so, words: {}}", "a language is a tag such as en, de or pt-BR"),
    ],
)
def test_a_language_that_is_not_there_is_refused_with_what_to_do(tmp_path, design, says):
    with pytest.raises(InvalidInputError) as refusal:
        design_io.read(HEAD + f"  {design}", base=tmp_path)
    assert says in str(refusal.value)


def test_the_printed_file_reads_back():
    for language in LANGUAGES:
        assert yaml.safe_load(rater_words.file_of(language))["language"] == language
