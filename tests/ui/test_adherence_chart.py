"""The moments on the axis of adherence over time."""

from datetime import UTC, datetime, timedelta

import pytest

from workbench.ui.home.quality import clock

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(0), "%H:%M:%S"),
        (timedelta(seconds=40), "%H:%M:%S"),
        (timedelta(minutes=20), "%H:%M"),
        (timedelta(days=9), "%d %b"),
    ],
)
def test_moments_are_written_as_finely_as_the_time_between_them_asks(span, written):
    assert clock([{"time": moment.isoformat()} for moment in (BEGAN + span, BEGAN)]) == written
