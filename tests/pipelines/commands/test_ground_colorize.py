"""`workbench colorize` takes pins and a palette in words, and refuses what is no color before anything is queued."""

import pytest

from workbench import runs

pytestmark = pytest.mark.slow


def test_pins_and_a_palette_are_read_from_words(store, workbench):
    home = store.settings.home
    pins_and_palette = ("--pin", "old car=burgundy", "--pin", "sky=#88f", "--palette", "navy, #f5e6c8")
    assert workbench("colorize", *pins_and_palette, "--home", home).status == 0
    with store.reading() as session:
        (run,) = runs.listing(session)
    assert run.parameters["pins"] == [{"thing": "old car", "color": "burgundy"}, {"thing": "sky", "color": "#8888ff"}]
    assert run.parameters["palette"] == ["navy", "#f5e6c8"]
    refused = workbench("colorize", "--pin", "car=burgandy", "--home", home)
    assert refused.status == 1
    assert "Do you mean burgundy" in refused.messages
