from db.enums import TargetKind
from db.models import ReleaseItem
from workbench.releases.item_weights import weight_of


def weight(target, **choice):
    return weight_of(ReleaseItem(target=target, choice=choice or None))


def test_an_original_counts_whole_and_a_colorization_as_far_as_votes_bear_it_out():
    assert weight(TargetKind.REFERENCE) == 1
    alone = weight(TargetKind.COLORIZATION)
    assert alone == 0.5
    assert weight(TargetKind.COLORIZATION, votes=0, wins=0) == alone
    few, many = (weight(TargetKind.COLORIZATION, votes=votes, wins=votes) for votes in (2, 20))
    assert alone < few < many < 1
    assert weight(TargetKind.COLORIZATION, votes=4, wins=1) < alone
