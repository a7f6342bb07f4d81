"""One photo tried in a browser: dropped, captioned, a phrase looked at, a color pinned, a result kept; nothing else of it stays."""

import io
import threading

import PIL.Image
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from db.models import Colorization, Image
from tests.e2e.serving import open_page, served
from tests.stores import reading, writing

pytestmark = [pytest.mark.browser, pytest.mark.model]

DIMMED = """() => {
  const hosts = [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')];
  const canvas = hosts.map((host) => host.shadowRoot?.querySelector(".tries canvas")).find(Boolean);
  return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 === 3 && value > 0);
}"""


@pytest.fixture
def store(filled_once, tmp_path):
    """A filled store whose worker, in this process, colors with a tiny real checkpoint of random weights."""
    from pipelines.worker.process import Rhythm, Worker
    from tests.pipelines.tiny import write_tiny_checkpoint
    from workbench.colorizations import checkpoints
    from workbench.open_store import open_store
    from workbench.settings import read_settings

    store, tiny = filled_once.copied(tmp_path / "home"), write_tiny_checkpoint(tmp_path / "tiny")
    with writing(store) as session:
        row = checkpoints.register(session, name="tiny", location=str(tiny), digest=checkpoints.folder_digest(tiny))
        checkpoints.promote(session, row.id, actor="ann")
    worker = Worker(open_store(read_settings(store.home)), ["interactive"], rhythm=Rhythm(poll=0.1, grace=10))
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    yield store
    worker.stop()
    thread.join(30)


def test_a_dropped_photo_is_tried_pinned_and_kept(page, store):
    with reading(store) as session:
        photo = store.media.read(session.get_one(Image, 1).media_key)
        ids_before = set(session.scalars(select(Colorization.id)))
    with served(store.home) as address:
        open_page(page, f"{address}/try_colors")
        page.locator('input[type="file"]').set_input_files({"name": "box.png", "mimeType": "image/png", "buffer": turned(photo)})
        caption = page.get_by_role("textbox", name="Caption")
        caption.fill("a red box on a floor")
        caption.press("Enter")
        expect(page.locator("button.shown")).to_have_count(6)  # three seeds as written, and without colors
        page.locator(".state").click()
        look_at_a_phrase(page)
        page.locator("button.phrase").first.click()
        page.locator("input.name").fill("Burgundy")
        page.locator("input.name").press("Enter")
        expect(page.locator(".pins li")).to_contain_text("a red box = burgundy")
        expect(page.locator("button.shown")).to_have_count(6)
        page.locator(".state").click()
        page.keyboard.press("ArrowRight")
        expect(page.locator("button.shown").first).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("k")
        expect(page.locator(".kept")).to_have_count(1)
        page.get_by_role("button", name="Discard and start over").click()
        expect(page.get_by_text("Drop a photo, or pick one from the library")).to_be_visible()
    with reading(store) as session:
        (kept,) = session.scalars(select(Colorization).where(Colorization.id.not_in(ids_before)))
        assert (kept.caption_text, kept.settings["pins"]) == ("a red box on a floor", [{"thing": "a red box", "color": "burgundy"}])
        image = session.get_one(Image, kept.image_id)
        assert (image.file_name, image.source) == ("box.png", "tried")


def look_at_a_phrase(page) -> None:
    """Pointing at a phrase dims what the model does not look at."""
    phrase = page.locator("button.phrase").first
    phrase.wait_for()
    phrase.hover()
    page.wait_for_function(DIMMED)


def turned(png: bytes) -> bytes:
    """A picture on its head."""
    buffer = io.BytesIO()
    PIL.Image.open(io.BytesIO(png)).rotate(180).save(buffer, "PNG")
    return buffer.getvalue()
