"""Votes and verdicts as pairs of a winner and a loser: counted, placed by a release's splits, written as files."""

import json

import pytest
from sqlalchemy import select

from db.enums import Split, Verdict
from db.models import Colorization, ReleaseItem, Stimulus
from tests.stores import create_release, open_pair_study, preferring, vote_until_done
from workbench import studies
from workbench.errors import InvalidInputError
from workbench.exports import preferences, verify_folder
from workbench.exports.preferences import SplitPairs
from workbench.rating import TIE
from workbench.rating.preference_pairs import PreferencePair, preference_pairs
from workbench.reviews import verdicts
from workbench.studies import raters


def rater(session, study):
    """A rater who may answer a study."""
    [(invited, _token)] = studies.invite(session, study.id, 1)
    return invited.id


def keys(session, system):
    """The files that a system made."""
    return set(session.scalars(select(Stimulus.media_key).where(Stimulus.system.contains(system))))


def test_votes_of_several_raters_make_one_pair_with_its_certainty(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=3)
    for choose in (preferring("one"), preferring("one"), preferring("two")):
        vote_until_done(session, study, rater(session, study), choose)
    pairs = preference_pairs(session)
    assert len(pairs) == 2
    assert {pair.winner_key for pair in pairs} == keys(session, "one")
    assert {pair.loser_key for pair in pairs} == keys(session, "two")
    assert {(pair.votes, pair.won) for pair in pairs} == {(3, 2.0)}
    assert pairs[0].certainty == pytest.approx(2 * 3 / 5 - 1)
    assert pairs[0].caption_text == "a red cup on a table"


def test_ties_alone_and_votes_at_even_prefer_nothing(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=2)
    vote_until_done(session, study, rater(session, study), lambda *_: TIE)
    assert preference_pairs(session) == []
    vote_until_done(session, study, rater(session, study), preferring("one"))
    (pair,) = preference_pairs(session)
    assert (pair.votes, pair.won) == (2, 1.5)


def test_a_rater_who_was_excluded_prefers_nothing(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=1)
    rater_id = rater(session, study)
    vote_until_done(session, study, rater_id, preferring("one"))
    assert len(preference_pairs(session)) == 1
    raters.exclude(session, study.id, rater_id, "answered blindly", actor="test")
    assert preference_pairs(session) == []


def test_more_votes_are_more_certain_and_an_even_share_is_not(session):
    sure = [PreferencePair(1, 1, "a", "w", "l", votes, votes).certainty for votes in (1, 3, 10)]
    assert sure == sorted(sure)
    assert sure[0] == pytest.approx(1 / 3)
    assert sure[-1] < 1
    assert PreferencePair(1, 1, "a", "w", "l", 4, 2.0).certainty == 0


def test_an_accepted_colorization_is_preferred_to_a_rejected_one_of_its_caption(session, media):
    open_pair_study(session, media, images=2)
    first, second = session.scalars(select(Colorization).where(Colorization.image_id == 1).order_by(Colorization.id))
    verdicts.review(session, first.id, Verdict.ACCEPT, reviewer="ann")
    verdicts.review(session, second.id, Verdict.REJECT, reviewer="ann", reason="the cup is green")
    (pair,) = preferences._by_verdict(session)
    assert (pair.winner_key, pair.loser_key) == (first.media_key, second.media_key)


@pytest.mark.slow
def test_pairs_are_written_as_two_data_sets_in_step(session, media, tmp_path):
    study = open_pair_study(session, media, images=12, votes_per_trial=1)
    vote_until_done(session, study, rater(session, study), preferring("one"))
    release = create_release(session, media)
    pairs = preferences.pairs_of_release(session, release.id)
    placed = dict(session.execute(select(ReleaseItem.image_id, ReleaseItem.split)).all())
    assert pairs.left_out == 12 - sum(placed.get(number) in preferences.SPLITS for number in range(1, 13))
    pairs.by_split.update({Split.TRAIN: preference_pairs(session)[:8], Split.VALIDATION: preference_pairs(session)[8:]})
    preferences.write_pairs(session, media, pairs, tmp_path / "pairs")
    assert verify_folder(tmp_path / "pairs") == []
    root = tmp_path / "pairs" / "train"
    rows = {
        name: [json.loads(line) for line in (root / name).read_text().splitlines()] for name in ("pairs.jsonl", "winners/metadata.jsonl")
    }
    assert len(rows["pairs.jsonl"]) == len(rows["winners/metadata.jsonl"]) == 8
    first = rows["pairs.jsonl"][0]
    assert (first["label_0"], first["label_1"], first["votes"]) == (1.0, 0.0, 1)
    assert (root / first["image_0"]).read_bytes() == media.read(preference_pairs(session)[0].winner_key)
    assert (root / first["image_1"]).read_bytes() == media.read(preference_pairs(session)[0].loser_key)


def test_a_release_whose_photos_nobody_judged_is_refused_with_what_to_do(session, media, tmp_path):
    with pytest.raises(InvalidInputError, match="no preferences for the train and validation photos"):
        preferences.write_pairs(session, media, SplitPairs({Split.TRAIN: [], Split.VALIDATION: []}, 0), tmp_path / "pairs")
    assert not (tmp_path / "pairs").exists()
