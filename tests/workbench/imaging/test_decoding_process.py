"""Decoding apart gives what decoding here gives; a file that stalls or ends its decoder costs itself alone."""

import os
import signal
import sys

import pytest

from tests.pictures import encoded, picture, png
from workbench.errors import UnreadableFileError
from workbench.imaging import decoding_process
from workbench.imaging.decoding_child import MEMORY_BYTES
from workbench.imaging.decoding_process import measure_apart
from workbench.imaging.measure import measure


@pytest.fixture(autouse=True)
def no_child_waits():
    """Each test starts its own children, and leaves none."""
    decoding_process._end_all()
    yield
    decoding_process._end_all()


@pytest.mark.parametrize("content", [png(1), encoded(picture(2), "JPEG"), encoded(picture(3), "TIFF")])
@pytest.mark.slow
def test_a_picture_measured_apart_is_measured_as_here(content):
    assert measure_apart(content) == measure(content)


def test_what_cannot_be_read_says_why():
    with pytest.raises(UnreadableFileError, match="text, not a picture"):
        measure_apart(b"this is no picture")


@pytest.mark.slow
def test_a_file_that_takes_too_long_is_left_out_and_the_next_one_is_read():
    with pytest.raises(UnreadableFileError, match="within 0 seconds"):
        measure_apart(png(1), seconds=0)
    assert measure_apart(png(1)).columns["width"] == 96


@pytest.mark.parametrize(("number", "reason"), [(signal.SIGSEGV, "brings its decoder down"), (signal.SIGKILL, "no memory left")])
@pytest.mark.slow
def test_a_decoder_that_dies_costs_its_file_alone(number, reason):
    measure_apart(png(1))
    child = decoding_process._idle.queue[0]
    os.kill(child._process.pid, number)
    child._process.wait()
    with pytest.raises(UnreadableFileError, match=reason):
        measure_apart(png(1))
    assert measure_apart(png(2)).columns["width"] == 96


@pytest.mark.slow
def test_large_pictures_are_decoded_alone(monkeypatch):
    monkeypatch.setattr(decoding_process, "LARGE_PIXELS", 1000)
    assert measure_apart(png(1)) == measure(png(1))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is kept on Linux only")
def test_a_child_cannot_take_more_memory_than_it_may():
    measure_apart(png(1))
    pid = decoding_process._idle.queue[0]._process.pid
    with open(f"/proc/{pid}/limits") as limits:
        [line] = [line for line in limits if line.startswith("Max address space")]
    assert line.split()[3] == str(MEMORY_BYTES)
