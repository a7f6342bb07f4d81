"""A curator's hour by keyboard in a real browser: every photo described at three levels, some of it undone and done again.

    python -m tests.benchmarks.curating_hour ../shared/real/photos [--images 200] [--keys-per-second 12] [--late 0]

Starts from an empty store with photos of a folder, walks `NOT has:caption`, and says how long the next image took from the key that left
one, how long it all took, and what the store holds in the end. Ends with status 1 where anything is lost or on the wrong
image. With `--late` everything between browser and server takes so many seconds more, in either direction.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, expect

from tests.e2e.serving import chromium, open_page, served
from tests.e2e.slow_line import slowed
from tests.stores import opened, reading, writing
from workbench import captions, images
from workbench.captions import history
from workbench.store import events

COLORS = ("red", "green", "blue", "brown", "white", "gray", "yellow")
THINGS = ("dog", "house", "boat", "jacket", "horse", "table", "car", "bird", "wall", "hat", "tree")
EVERY = 20
"""Images after which one is gone back to, its last caption undone and done again."""
BEGIN = """place => {
  const began = performance.now()
  const said = place.toLocaleString('en') + ' of '
  const find = (selector) => {
    for (const host of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
      const element = host.shadowRoot?.querySelector(selector)
      if (element) return element
    }
    return document.querySelector(selector)
  }
  window.turned = new Promise((done) => {
    const look = () => {
      const shown = find('.board:not(.waiting) .position')?.textContent.startsWith(said) && find('.board .picture img')?.complete
      if (shown) done(performance.now() - began)
      else if (performance.now() - began > 60000) done(null)
      else requestAnimationFrame(look)
    }
    document.addEventListener('keydown', () => requestAnimationFrame(look), { capture: true, once: true })
  })
}"""
expect.set_options(timeout=60_000)
KEEPS_NOTHING_BACK = "(localStorage['workbench-caption-deeds'] ?? '[]') === '[]'"


def texts(number: int) -> tuple[str, str, str]:
    """What is typed for an image: complete, partial, scarce."""
    color, other = COLORS[number % 7], COLORS[(number // 7 + 3) % 7]
    thing, beside = THINGS[number % 11], THINGS[(number // 11 + 4) % 11]
    end = f"number {number}"
    return f"a {color} {thing} beside a {other} {beside}, {end}", f"a {thing} beside a {other} {beside}, {end}", f"a {thing}, {end}"


def main() -> int:
    """Run it and print what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--keys-per-second", type=float, default=12)
    parser.add_argument("--late", type=float, default=0, help="seconds by which the line to the server is slow, each way")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        names = fill(home, options.photos, options.images)
        with served(home) as server, slowed(server, options.late) as address, chromium() as browser:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            began = time.monotonic()
            waited, undone = describe_all(page, address, len(names), 1000 / options.keys_per_second)
            seconds = time.monotonic() - began
        return tell(home, names, waited, undone, seconds)


def fill(home: Path, photos: Path, number: int) -> list[str]:
    """Photos of a folder, evenly over its names, in a new store; their names in the order of the walk."""
    files = sorted(photos.glob("*.jpg"))
    names: list[str] = []
    with opened(home) as (_, media), writing(home) as session:
        for path in files[:: max(1, len(files) // number)][:number]:
            imported = images.import_file(session, media, path.read_bytes(), file_name=path.name, source="photos")
            names += [path.name] if imported.image.file_name == path.name else []
    return names


def describe_all(page: Page, address: str, number: int, delay: float) -> tuple[list[float], int]:
    """Type the captions of all images; milliseconds from each image to the next, and how often something was undone and done again."""
    page.set_default_timeout(60_000)
    open_page(page, f"{address}/caption?q=NOT%20has%3Acaption")
    page.locator(".column").first.wait_for()
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")
    page.keyboard.press("1")
    waited, undone = [], 0
    for place in range(number):
        for level, text in enumerate(texts(place)):
            page.keyboard.type(text, delay=delay)
            last = level == 2
            if last and place == number - 1:
                page.keyboard.press("Escape")
            elif last:
                waited.append(turn(page, place + 2, "Enter"))
            else:
                page.keyboard.press("Enter")
        if place % EVERY == EVERY - 1 and place < number - 1:
            undo_and_do_again(page, place, waited)
            undone += 1
    page.wait_for_function(KEEPS_NOTHING_BACK)
    return waited, undone


def turn(page: Page, place: int, key: str) -> float:
    """Press a key that leads to the image at a place (from 1); milliseconds until it is shown."""
    page.evaluate(f"place => {{ ({BEGIN})(place) }}", place)
    page.keyboard.press(key)
    took = page.evaluate("window.turned")
    if took is None:
        page.screenshot(path="not_there.png")
        raise RuntimeError(f"image {place} was not there after a minute; not_there.png shows the page")
    return took


def undo_and_do_again(page: Page, place: int, waited: list[float]) -> None:
    """Back to the image just left: its scarce caption undone and done again, and on to the one that was begun."""
    scarce = page.locator(".column").nth(2).locator(".card:not(.new) .text").filter(has_text=texts(place)[2])
    page.keyboard.press("Escape")
    waited.append(turn(page, place + 1, "ArrowLeft"))
    expect(scarce).to_have_count(1)
    page.wait_for_function(KEEPS_NOTHING_BACK)
    page.keyboard.press("z")
    expect(scarce).to_have_count(0)
    page.keyboard.press("y")
    expect(scarce).to_have_count(1)
    waited.append(turn(page, place + 2, "ArrowRight"))
    page.keyboard.press("1")


def tell(home: Path, names: list[str], waited: list[float], undone: int, seconds: float) -> int:
    """Print times and losses; 1 where there is a loss."""
    with reading(home) as session:
        of = {image.file_name: image for image in images.find(session, limit=len(names) + 1)}
        held = {name: sorted(view.caption.text for view in captions.of_image(session, of[name].id)) for name in names}
        undos = sum(event.action == events.UNDO for name in names for event in history.of_image(session, of[name].id))
    wrong = [name for number, name in enumerate(names) if held[name] != sorted(texts(number))]
    written = sum(map(len, held.values()))
    p95 = quantiles(waited, n=20)[-1]
    say(f"{len(names)} photos, {written} captions in {seconds / 60:.1f} min; {undone} times undone and done again")
    say(f"next image: median {median(waited):.0f} ms, p95 {p95:.0f} ms, slowest {max(waited):.0f} ms of {len(waited)}")
    say(f"images with anything lost or wrong: {len(wrong)}; undos in the history: {undos}")
    for name in wrong[:10]:
        say(f"  {name}: {held[name]}")
    return 1 if wrong else 0


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
