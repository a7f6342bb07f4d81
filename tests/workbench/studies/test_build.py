"""A study is what its design says: what is compared, what stands beside, and the trials that watch over it."""

import io
from collections import Counter

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab
from sqlalchemy import select

from db.enums import TrialKind
from db.models import Colorization, Image, Stimulus, Trial
from tests.pictures import picture, png
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image
from tests.workbench.studies.drafts import HEAD, draft, systems
from workbench import studies
from workbench.errors import ConflictError, InvalidInputError
from workbench.rating import Answer, next_trial, responses
from workbench.studies import build, design_io
from workbench.studies.attention_checks import blotched, saying


@pytest.mark.slow
def test_stimuli_are_chosen_by_checkpoint_level_settings_and_seed(session, media, stocked):
    made = draft(session, media, "stimuli: {between: [checkpoint]}")
    assert Counter(systems(session, made.study)) == {("one", "two"): 8}
    assert build.count_trials(session, design_io.of_study(made.study)) == 8
    scarce = draft(session, media, "stimuli: {between: [checkpoint], levels: [scarce], settings: {steps: 4}, seeds: [0]}", "choice")
    assert Counter(systems(session, scarce.study)) == {("one", "two"): 4}
    alone = draft(session, media, "stimuli: {checkpoints: [one], between: [level]}", "ranking")
    assert Counter(systems(session, alone.study)) == {("complete", "scarce"): 4}
    for nothing in ("checkpoints: [three]", "settings: {steps: 99}", "seeds: [7]"):
        with pytest.raises(InvalidInputError, match=r"three|no colorizations"), session.begin_nested():
            build.draft(session, media, design_io.read(HEAD.format("category") + f"stimuli: {{{nothing}}}"), author="test")


def test_the_design_is_kept_with_the_study(session, media, stocked):
    text = HEAD.format("pair") + "design: {ties: false, trials_per_rater: 2}\nstimuli: {between: [checkpoint]}"
    made = build.draft(session, media, design_io.read(text), author="test")
    assert design_io.of_study(made.study) == design_io.read(text)
    with pytest.raises(ConflictError, match="already"):
        build.draft(session, media, design_io.read(text), author="test")


def test_without_the_description_no_trial_holds_it_but_its_level_is_known(session, media, stocked):
    made = draft(session, media, "design: {caption: false}\nstimuli: {between: [checkpoint]}")
    trials = list(session.scalars(select(Trial).where(Trial.study_id == made.study.id)))
    assert {trial.caption_text for trial in trials} == {None}
    assert all(trial.caption_id is not None for trial in trials)


@pytest.mark.parametrize("method", ["pair", "choice", "ranking", "category"])
def test_every_dozen_gets_a_gold_and_a_trap_and_the_right_answers_are_right(session, media, stocked, method):
    made = draft(session, media, "stimuli: {between: [checkpoint]}", method)
    regular = 16 if method == "category" else 8
    assert (made.trials, made.training, made.gold, made.trap) == (regular, 2, -(-regular // 10), -(-regular // 10))
    for trial in session.scalars(select(Trial).where(Trial.study_id == made.study.id, Trial.kind != TrialKind.REGULAR)):
        shown = list(session.scalars(select(Stimulus).where(Stimulus.trial_id == trial.id).order_by(Stimulus.position)))
        known = {stimulus.id: stimulus.is_answer for stimulus in shown}
        assert None not in known.values()
        assert {stimulus.system for stimulus in shown} == {"check"}
        assert len({stimulus.media_key for stimulus in shown}) == len(shown)
        for right in (True, False):
            response = answer(method, shown, right)
            assert responses.is_right(made.study, trial.kind, known, response) is right


def answer(method, shown, right):
    """A right or a wrong answer to a trial of a method."""
    if method in ("pair", "choice"):
        return Answer(next(stimulus.id for stimulus in shown if stimulus.is_answer is right))
    if method == "ranking":
        ordered = sorted(shown, key=lambda stimulus: stimulus.is_answer is not right)
        return Answer(values=tuple((stimulus.id, "rank", rank) for rank, stimulus in enumerate(ordered, 1)))
    return Answer(values=tuple((stimulus.id, "quality", 5 if stimulus.is_answer is right else 1) for stimulus in shown))


def test_a_quota_needs_no_more_checks_than_it_has_dozens_and_none_are_made_where_none_are_asked_for(session, media, stocked):
    made = draft(session, media, "design: {trials_per_rater: 3}\nstimuli: {between: [checkpoint]}", "category")
    assert (made.gold, made.trap) == (1, 1)
    bare = draft(session, media, "design: {gold: false, trap: false, training: 0}\nstimuli: {between: [checkpoint]}", "choice")
    assert (bare.training, bare.gold, bare.trap) == (0, 0, 0)


@pytest.mark.slow
def test_checks_of_category_and_ranking_are_counted_for_their_raters(session, media, stocked):
    from workbench.rating import ratings, votes

    for method in ("category", "ranking"):
        made = draft(session, media, "votes_per_trial: 2\nstimuli: {between: [checkpoint]}", method)
        studies.open_study(session, made.study.id, actor="test")
        (careful, _), (careless, _) = studies.invite(session, made.study.id, 2)
        for rater, right in ((careful, True), (careless, False)):
            while (view := next_trial(session, made.study.id, rater.id)) is not None:
                shown = [session.get(Stimulus, stimulus.id) for stimulus in view.stimuli]
                response = answer(method, shown, right)
                ratings.rate(session, view.trial_id, rater.id, {stimulus_id: value for stimulus_id, _, value in response.values})
        checks = votes.checks(session, made.study)
        checked = made.gold + made.trap
        assert checks == {careful.pseudonym: (checked, checked), careless.pseudonym: (0, checked)}


def test_a_spoiled_picture_keeps_its_lightness_and_has_strong_colors():

    before = picture(3)
    after = np.asarray(PIL.Image.open(io.BytesIO(blotched(png(3), 1))))
    changed, kept = rgb2lab(after), rgb2lab(before)
    # Out of sRGB's gamut the lightness moves; the middle half of the pixels lies within.
    assert np.median(np.abs(changed[..., 0] - kept[..., 0])) < 3
    assert np.median(np.hypot(changed[..., 1], changed[..., 2])) > 30
    assert blotched(png(3), 1) == blotched(png(3), 1) != blotched(png(3), 2)


def test_words_are_drawn_into_a_picture_of_any_size():

    for size in ((8, 6), (96, 64), (300, 900)):
        shown = PIL.Image.open(io.BytesIO(saying(png(1, width=size[0], height=size[1]), "Choose this picture")))
        assert shown.size == size


def test_no_picture_of_a_compared_system_takes_part_in_practice_or_checks(session, media, tmp_path):
    for number in range(3):
        insert_caption(session, insert_image(session, media, number, gray=number == 0))
    for name in ("one", "two"):
        colorize(session, media, insert_checkpoint(session, name))
    made = draft(session, media, "stimuli: {between: [checkpoint]}")
    of_systems = set(session.scalars(select(Colorization.media_key)))
    known = session.execute(
        select(Stimulus.media_key, Image.has_reference)
        .join(Trial, Trial.id == Stimulus.trial_id)
        .join(Image)
        .where(Trial.kind != TrialKind.REGULAR)
    ).all()
    assert made.gold == made.trap == 1
    assert all(in_color for _, in_color in known)
    assert not {key for key, _ in known} & of_systems
    for stimulus in session.scalars(select(Stimulus).where(Stimulus.system == "check", Stimulus.is_answer)):
        trial = session.get_one(Trial, stimulus.trial_id)
        if trial.kind is not TrialKind.TRAP:
            assert stimulus.media_key == session.get_one(Image, trial.image_id).upright_key


def test_a_study_of_gray_photos_has_no_checks_and_says_so(session, media):
    insert_caption(session, insert_image(session, media, 0, gray=True))
    for name in ("one", "two"):
        colorize(session, media, insert_checkpoint(session, name))
    made = draft(session, media, "stimuli: {between: [checkpoint]}")
    assert (made.training, made.gold, made.trap) == (0, 0, 0)
    assert "no practice, gold or trap trials" in made.warnings[0]


@pytest.mark.slow
def test_ids_of_stimuli_do_not_follow_the_order_of_the_systems(session, media):
    for number in range(40):
        insert_caption(session, insert_image(session, media, number))
    for name in ("one", "two"):
        colorize(session, media, insert_checkpoint(session, name))
    draft(session, media, "stimuli: {between: [checkpoint]}")
    rows = session.execute(select(Stimulus.trial_id, Stimulus.id, Stimulus.position).order_by(Stimulus.trial_id, Stimulus.id)).all()
    first = Counter(rows[place].position for place in range(0, len(rows), 2))
    assert min(first.values()) > 10  # of some fifty coin tosses
