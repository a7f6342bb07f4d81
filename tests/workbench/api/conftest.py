"""What tests of the store's doors start from: the filled store, opened from Python, and one with nothing in it."""

import pytest

import workbench


@pytest.fixture
def filled(filled_once, tmp_path):
    """A copy of the filled store, open."""
    with workbench.open(filled_once.copied(tmp_path / "filled").home, actor="ada") as opened:
        yield opened


@pytest.fixture
def bare(tmp_path):
    """A store with nothing in it, open."""
    with workbench.open(tmp_path / "bare", actor="ada") as opened:
        yield opened
