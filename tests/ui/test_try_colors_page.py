"""The Try colors page: what is asked goes to a worker, results belong to their inputs, pins ask anew, and what is kept can be undone."""

import itertools

import numpy as np
import pytest
import streamlit as st
from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Caption, Colorization, Run
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import images, runs, tries
from workbench.imaging import png_of
from workbench.ui.components import try_board

pytestmark = [pytest.mark.slow, pytest.mark.slow]

NUMBER = itertools.count()


@pytest.fixture
def board(monkeypatch):
    """What the board was given last, and deeds that it tells of, one a draw: (shown, says)."""
    shown, says = {}, []

    def draw(src, size, caption, *, inputs, on_deeds, **more):
        shown.update(more, src=src, size=size, caption=caption, inputs=inputs)
        if says:
            on_deeds([{"id": f"try-deed-{next(NUMBER)}", "inputs": inputs} | says.pop(0)])
            st.rerun()

    monkeypatch.setattr(try_board, "try_board", draw)
    return shown, says


def tried(filled) -> list[Run]:
    with reading(filled) as session:
        return list(session.scalars(select(Run).where(Run.job == tries.JOB).order_by(Run.id)))


def count(filled, model) -> int:
    with reading(filled) as session:
        return session.scalar(select(func.count()).select_from(model))


def field(page, label: str):
    return next(one for one in page.text_input if one.label == label)


def answer(filled, run: Run) -> None:
    """Let the cells of a try be there."""
    with writing(filled) as session:
        runs.start(session, run.id)
        facts = {"mentions": [], "lost_words": "", "metrics": {}}
        cells = {}
        for number, (name, *_) in enumerate(tries.cells_of(run.parameters)):
            rgb = images.upright_rgb(filled.media, images.get(session, 1)) // (number + 1)
            cells[name] = {"key": filled.media.put(png_of(np.uint8(rgb)), ".png"), "seconds": 0.5, "lost_words": "", "facts": facts}
        runs.finish(session, run.id, {"cells": cells, "phrases": []})


def test_a_caption_is_tried_at_its_levels_and_results_are_the_inputs_own(filled, board):
    shown, _ = board
    page = visit("try_colors", image="1")
    field(page, "Caption").set_value("a salmon box on a gray floor").run()
    first = tried(filled)[-1]
    assert first.status is RunStatus.QUEUED
    assert first.parameters["captions"] == {
        "complete": "a salmon box on a gray floor", "partial": "a salmon box on a floor", "scarce": "a box on a floor",
    }  # fmt: skip
    assert (shown["caption"], shown["state"], shown["seeds"]) == ("a salmon box on a gray floor", "Waiting for a worker", [0, 1, 2])
    assert "No worker is running" in texts(page)
    answer(filled, first)
    page.run()
    assert [cell["note"] for cell in shown["rows"][0].cells] == [f"seed {seed} · 0.5 s" for seed in range(3)]
    field(page, "Palette").set_value("navy, burgandy").run()
    assert "Do you mean burgundy" in texts(page)
    field(page, "Palette").set_value("navy, salmon").run()
    second = tried(filled)[-1]
    assert second.parameters["settings"]["palette"] == ["navy", "salmon"]
    assert all(cell is None for row in shown["rows"] for cell in row.cells)
    assert tried(filled)[-2].summary == {}
    assert "CSS has \\#fa8072" in texts(page)


def test_a_pin_asks_anew_and_one_for_other_inputs_is_refused(filled, board):
    shown, says = board
    page = visit("try_colors", image="1")
    caption = shown["caption"]
    says += [{"kind": "pin", "color": "Burgundy", "span": [0, len("a red box")]}]
    page.run()
    assert tried(filled)[-1].parameters["settings"]["pins"] == [{"thing": "a red box", "color": "burgundy"}]
    assert (shown["pins"][0].label, shown["pins"][0].chip) == ("a red box", "#610023")
    stroke = [[[2, 2], [20, 2], [20, 20], [2, 20]]]
    says += [{"kind": "pin", "color": "#0a5", "polygons": stroke}, {"kind": "pin", "color": "red", "span": [0, 3], "inputs": "others"}]
    page.run()
    assert [set(pin) for pin in tried(filled)[-1].parameters["settings"]["pins"]] == [{"thing", "color"}, {"stroke", "color"}]
    page.run()
    assert "gone on to another try" in " ".join(shown["refused"].values())
    says += [{"kind": "unpin", "number": 0}]
    page.run()
    assert len(tried(filled)[-1].parameters["settings"]["pins"]) == 1
    assert shown["caption"] == caption


def test_what_is_kept_is_rows_and_can_be_undone(filled, board):
    shown, says = board
    page = visit("try_colors", image="1")
    answer(filled, tried(filled)[-1])
    before = count(filled, Colorization), count(filled, Caption)
    says += [{"kind": "keep", "cells": [f"{shown['rows'][0].level}:1"]}]
    page.run()
    page.run()
    assert shown["refused"] == {}
    assert count(filled, Colorization) == before[0] + 1
    assert [cell["kept"] for cell in shown["rows"][0].cells] == [False, True, False]
    next(button for button in page.button if button.label == "Undo").click().run()
    assert (count(filled, Colorization), count(filled, Caption)) == before
    next(button for button in page.button if button.label == "Discard and start over").click().run()
    assert tried(filled)[-1].summary == {}
    assert "Drop a photo" in texts(page)
