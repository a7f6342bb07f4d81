"""A study is what its design says: what is compared, what stands beside, and the trials that watch over it."""

import io
from collections import Counter

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab
from sqlalchemy import select

from db.enums import CaptionLevel, TrialKind
from db.models import Colorization, Image, Stimulus, Trial
from tests.pictures import picture, png
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image
from workbench import studies
from workbench.errors import ConflictError, InvalidInputError
from workbench.imaging import lightness_of
from workbench.rating import Answer, next_trial, responses
from workbench.studies import build, design_io
from workbench.studies.attention_checks import blotched, saying

HEAD = "name: {0}\nquestion: Which?\nmethod: {0}\nseed: 3\n"


@pytest.fixture
def stocked(session, media):
    """Four images with captions at two levels, colored by two checkpoints."""
    for number in range(4):
        image = insert_image(session, media, number)
        insert_caption(session, image, "a red cup on a table", level=CaptionLevel.COMPLETE)
        insert_caption(session, image, "a cup on a table", level=CaptionLevel.SCARCE)
    for name in ("one", "two"):
        colorize(session, media, insert_checkpoint(session, name))


def draft(session, media, text, method="pair", **options):
    return build.draft(session, media, design_io.read(HEAD.format(method) + text), author="test", **options)


def systems(session, study, kind=TrialKind.REGULAR):
    """Of every trial of a kind the systems on show."""
    rows = session.execute(
        select(Trial.id, Stimulus.system)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .where(Trial.study_id == study.id, Trial.kind == kind)
        .order_by(Stimulus.position)
    )
    shown = {}
    for trial_id, system in rows:
        shown.setdefault(trial_id, []).append(system)
    return [tuple(names) for names in shown.values()]


@pytest.mark.slow
def test_stimuli_are_chosen_by_checkpoint_level_settings_and_seed(session, media, stocked):
    made = draft(session, media, "stimuli: {between: [checkpoint]}")
    assert Counter(systems(session, made.study)) == {("one", "two"): 8}
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


def outputs(folder, numbers, size=(16, 12), suffix=".jpg"):
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        PIL.Image.fromarray(picture(number, *size)).save(folder / f"photo-{number}{suffix}")


@pytest.mark.parametrize("method", ["pair", "choice"])
def test_a_peers_folder_is_matched_by_file_name(session, media, stocked, tmp_path, method):
    outputs(tmp_path / "peer", [0, 1, 3], size=(64, 48))
    text = "stimuli:\n  between: [checkpoint]\n  levels: [complete]\n  reference: true\n  outside: [{name: peer, folder: peer}]"
    made = draft(session, media, text, method, base=tmp_path)
    pairs = Counter(frozenset(shown) for shown in systems(session, made.study))
    if method == "choice":
        assert pairs == {frozenset({"one", "two", "peer", "reference"}): 3, frozenset({"one", "two", "reference"}): 1}
    else:
        assert pairs[frozenset({"one", "peer"})] == pairs[frozenset({"two", "peer"})] == pairs[frozenset({"peer", "reference"})] == 3
        assert pairs[frozenset({"one", "two"})] == 4


def test_peers_are_compared_without_any_colorization_of_ours(session, media, stocked, tmp_path):
    for name in ("a", "b"):
        outputs(tmp_path / name, [0, 1])
    text = "stimuli: {checkpoints: [], levels: [scarce], outside: [{name: a, folder: a}, {name: b, folder: b}]}"
    made = draft(session, media, text, base=tmp_path)
    assert Counter(systems(session, made.study)) == {("a", "b"): 2}
    assert set(session.scalars(select(Trial.caption_text).where(Trial.study_id == made.study.id))) == {"a cup on a table"}


def test_a_peers_folder_that_cannot_be_used_is_refused_with_the_reason(session, media, stocked, tmp_path):
    def refused(says):
        with pytest.raises(InvalidInputError, match=says), session.begin_nested():
            draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, folder: peer}]}", base=tmp_path)

    refused("there is no folder")
    outputs(tmp_path / "peer", [77])
    refused("named as one of the images; they are called photo-0.png")
    outputs(tmp_path / "peer", [0])
    outputs(tmp_path / "peer" / "again", [0], suffix=".png")
    refused("have one name")
    (tmp_path / "peer" / "again" / "photo-0.png").unlink()
    outputs(tmp_path / "peer", [0], size=(18, 12))
    refused("shapes differ")


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
            given = answer(method, shown, right)
            assert responses.is_right(made.study, trial.kind, known, given) is right


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
                given = answer(method, shown, right)
                ratings.rate(session, view.trial_id, rater.id, {stimulus_id: value for stimulus_id, _, value in given.values})
        checks = votes.checks(session, made.study)
        checked = made.gold + made.trap
        assert checks == {careful.pseudonym: (checked, checked), careless.pseudonym: (0, checked)}


def test_a_spoiled_picture_keeps_its_lightness_and_has_strong_colors():
    import io

    before = picture(3)
    after = np.asarray(PIL.Image.open(io.BytesIO(blotched(png(3), 1))))
    changed, kept = rgb2lab(after), rgb2lab(before)
    # Out of sRGB's gamut the lightness moves; the middle half of the pixels lies within.
    assert np.median(np.abs(changed[..., 0] - kept[..., 0])) < 3
    assert np.median(np.hypot(changed[..., 1], changed[..., 2])) > 30
    assert blotched(png(3), 1) == blotched(png(3), 1) != blotched(png(3), 2)


def test_words_are_drawn_into_a_picture_of_any_size():
    import io

    for size in ((8, 6), (96, 64), (300, 900)):
        shown = PIL.Image.open(io.BytesIO(saying(png(1, width=size[0], height=size[1]), "Choose this picture")))
        assert shown.size == size


def a_manifest(folder, rows):
    (folder / "peer.csv").write_text("\n".join([",".join(row) for row in rows]), encoding="utf-8-sig")


@pytest.mark.slow
def test_a_peers_manifest_names_a_file_for_each_image_and_caption(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(
        tmp_path,
        [("image", "caption", "file"), ("photo-0.png", "a cup on a table", "peer/photo-0.jpg"), ("photo-1", "", "peer/photo-1.jpg")],
    )
    made = draft(session, media, "stimuli: {checkpoints: [one], between: [], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)
    shown = session.execute(select(Trial.caption_text, Image.file_name).join(Image).where(Trial.kind == TrialKind.REGULAR)).all()
    assert sorted(map(tuple, shown)) == [
        ("a cup on a table", "photo-0.png"), ("a cup on a table", "photo-1.png"), ("a red cup on a table", "photo-1.png"),
    ]  # fmt: skip
    [warning] = made.warnings
    assert "is missing in trials of 3 images" in warning


@pytest.mark.parametrize(
    ("rows", "says"),
    [([("image", "path")], "no column file"), ([("image", "file"), ("photo-0", "none.jpg")], "row 2 of peer.csv"),
     ([("image", "file"), ("other", "peer/photo-0.jpg")], "none of the images"),
     ([("image", "file"), ("photo-0", "peer/photo-0.jpg"), ("photo-0", "peer/photo-1.jpg")], "second file")],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused_with_row_and_reason(session, media, stocked, tmp_path, rows, says):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(tmp_path, rows)
    with pytest.raises(InvalidInputError, match=says):
        draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)


def test_rows_and_images_that_do_not_meet_are_told_to_the_author(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1])
    a_manifest(
        tmp_path,
        [("image", "caption", "file"), ("photo-0", "a cup on a table", "peer/photo-0.jpg"), ("phot-1", "", "peer/photo-1.jpg"),
         ("photo-0", "a cup on a tabel", "peer/photo-1.jpg")],
    )  # fmt: skip
    made = draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}", base=tmp_path)
    assert [warning.partition('"peer"')[2] for warning in made.warnings] == [
        ": 1 rows of peer.csv name images that this study does not show (phot-1).",
        ": 1 files are for captions that this study does not show (a cup on a tabel).",
        " is missing in trials of 4 images, for want of a picture (photo-0.png, photo-1.png, photo-2.png …).",
    ]


def test_an_image_that_a_manifest_does_not_tell_from_another_is_refused(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0])
    first, second = session.scalars(select(Image).order_by(Image.id).limit(2))
    first.file_name, second.file_name = "photo.png", "photo.jpg"
    system = "stimuli: {between: [checkpoint], outside: [{name: peer, manifest: peer.csv}]}"
    a_manifest(tmp_path, [("image", "file"), ("photo", "peer/photo-0.jpg")])
    with pytest.raises(InvalidInputError, match="means 2 images of the library by 'photo'; write the whole file name"):
        draft(session, media, system, base=tmp_path)
    a_manifest(tmp_path, [("image", "file"), ("photo.jpg", "peer/photo-0.jpg")])
    draft(session, media, system, base=tmp_path)
    shown = session.scalars(select(Image.file_name).join(Trial).join(Stimulus).where(Stimulus.system == "peer").distinct())
    assert list(shown) == ["photo.jpg"]


def test_small_pictures_of_a_peer_are_warned_about(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0, 1], size=(16, 12))
    for image in session.scalars(select(Image)):
        image.width, image.height = 1024, 768
    made = draft(session, media, "stimuli: {between: [checkpoint], outside: [{name: peer, folder: peer}]}", base=tmp_path)
    warning = made.warnings[-1]
    assert "2 pictures are smaller than their images, down to 16 × 12 pixels" in warning


def test_all_systems_get_the_lightness_of_the_source_where_the_design_says_so(session, media, stocked, tmp_path):
    outputs(tmp_path / "peer", [0], size=(16, 12))
    text = "stimuli: {between: [checkpoint], source_lightness: true, outside: [{name: peer, folder: peer}]}"
    draft(session, media, "design: {gold: false, trap: false, training: 0}\n" + text, base=tmp_path)
    rows = session.execute(select(Stimulus, Image.upright_key).join(Trial, Trial.id == Stimulus.trial_id).join(Image)).all()
    assert {stimulus.system for stimulus, _ in rows} == {"one", "two", "peer"}
    for stimulus, source in rows:
        shown, gray = (
            lightness_of(np.asarray(PIL.Image.open(io.BytesIO(media.read(key))).convert("RGB"))) for key in (stimulus.media_key, source)
        )
        assert shown.shape == gray.shape
        assert np.median(np.abs(shown - gray)) < 1  # colors that sRGB cannot show at a lightness are clipped


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
    for stimulus in session.scalars(select(Stimulus).where(Stimulus.system == "check", Stimulus.is_answer.is_(True))):
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
