"""Raters at once against one real server: what each sent is in the store, once, under its name."""

import pytest

from tests.benchmarks.rater_load import run

pytestmark = pytest.mark.slow


def test_no_vote_of_raters_at_once_is_lost_doubled_or_mistaken(tmp_path):
    result = run(tmp_path / "home", count=8, regular=6, votes=3, think=0.05)
    assert (result.lost, result.double, result.mistaken, result.over_asked) == (0, 0, 0, 0)
    assert result.sent == result.stored == 8 * (6 + 2)
    assert result.checks == 8 * 2
