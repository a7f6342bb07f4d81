"""A box on the Ground page goes to a worker with segment-anything, its mask appears without a reload, and a key takes it back."""

import re
import threading

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import open_page, served, wait_for_a_new_mask

pytestmark = [pytest.mark.browser, pytest.mark.model]


@pytest.fixture
def store(filled_once, tmp_path, monkeypatch):
    """A filled store whose worker, in this process, has a tiny real segment-anything with random weights."""
    import torch

    from pipelines.inference import loaded_models
    from pipelines.worker.process import Rhythm, Worker
    from tests.lcad.sam import know_tiny, tiny_sam
    from workbench.open_store import open_store
    from workbench.settings import read_settings

    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    know_tiny(monkeypatch)
    loaded_models._predictor.cache_clear()
    loaded_models._read.clear()
    store = filled_once.copied(tmp_path / "home")
    (store.home / "weights").mkdir()
    torch.save(tiny_sam().model.state_dict(), store.home / "weights" / "sam_tiny.pth")
    worker = Worker(open_store(read_settings(store.home)), ["clicks"], rhythm=Rhythm(grace=10))
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    yield store
    worker.stop()
    thread.join(30)
    loaded_models._predictor.cache_clear()


def test_a_box_is_cut_out_by_a_worker_while_the_page_is_looked_at(page, store):
    with served(store.home) as address:
        open_page(page, f"{address}/ground?image=2")
        page.get_by_text("Correct the masks of this phrase").click()
        page.get_by_text("a new mask").click()
        wait_for_a_new_mask(page)
        expect(page.get_by_text("turned into masks by segment-anything")).to_be_visible()
        stage = page.locator(".stage.correcting")
        stage.wait_for()
        page.keyboard.press("b")
        expect(page.get_by_role("button", name="Box")).to_have_attribute("aria-pressed", "true")
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        size = stage.bounding_box()
        near, far = ({"x": part * size["width"], "y": part * size["height"]} for part in (0.1, 0.7))
        stage.drag_to(stage, source_position=near, target_position=far)
        expect(page.get_by_text(re.compile(r"2 box · .*% · by segment-anything · linked to “box”"))).to_be_visible()
        expect(page.get_by_text("is working on this click")).to_have_count(0)
        page.keyboard.press("z")
        expect(page.get_by_text("1 mask in the image")).to_be_visible()
