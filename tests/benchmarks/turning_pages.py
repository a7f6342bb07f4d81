"""Pages of the real app turned in a real browser, timed by its own clock from the key or click to the page that is drawn whole."""

import statistics
from collections.abc import Callable
from pathlib import Path

import psutil
from playwright.sync_api import Page

from tests.e2e.serving import chromium, open_page, served

__all__ = ["measure"]

DRAWN = """said => document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'
  && document.body.innerText.includes(said)"""
WATCH = """said => {
  const began = performance.now()
  window.turned = new Promise(done => {
    const look = () => {
      const took = performance.now() - began
      if ((%s)(said)) done(took)
      else if (took > 30000) done(null)
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}"""
MOST = 60_000


def measure(home: Path, rounds: int, say: Callable[[str], None]) -> None:
    """Turn the pages of a store of a million captions, and tell times and the memory of the web process."""
    with served(home) as address, chromium() as browser:
        [server] = [child for child in psutil.Process().children(recursive=True) if "workbench.ui.app" in child.cmdline()]
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(MOST)
        for query, number in (("", "250,000 images"), ("color:red", "126,449 images"), ("level:partial color:red", "images")):
            walk(page, address, query, number, rounds, say)
        for query in ("", "color:red", "level:partial color:red"):
            shelves(page, address, query, rounds, say)
        search(page, address, say)
        for name in ("", "edits", "checks", "ground?image=120000"):
            took = [timed(page, lambda name=name: open_page(page, f"{address}/{name}")) for _ in range(3)]
            say(f"page {name or 'home'} opened anew in the browser: {statistics.median(took):.0f} ms")
        say(f"memory of the web process: {server.memory_info().rss / 1e6:.0f} MB resident")


def timed(page: Page, action: Callable[[], object]) -> float:
    """Milliseconds of an action by the browser's clock."""
    began = page.evaluate("Date.now()")
    action()
    return page.evaluate("Date.now()") - began


def turned(page: Page, act: Callable[[], object], said: str) -> float:
    """Milliseconds from an act to the page that is drawn and says something."""
    page.evaluate(WATCH % DRAWN, said)
    act()
    took = page.evaluate("window.turned")
    if took is None:
        raise RuntimeError(f"the page never said {said!r}: {page.evaluate('document.body.innerText')[:400]}")
    return took


def walk(page: Page, address: str, query: str, number: str, rounds: int, say: Callable[[str], None]) -> None:
    """The Caption page from image to image by the arrow keys, from the middle of the store."""
    open_page(page, f"{address}/caption?q={query}&image=120000" if query == "" else f"{address}/caption?q={query}")
    page.locator(".card.chosen").wait_for()
    page.locator(".keys dt").get_by_text("z y", exact=True).wait_for(state="attached")
    took = []
    for key in ["ArrowRight"] * rounds + ["ArrowLeft"] * (rounds // 2):
        place = page.evaluate(r"Number(document.body.innerText.match(/([\d,]+) of [^\n]*images/)[1].replaceAll(',', ''))")
        next_place = place + (1 if key == "ArrowRight" else -1)
        took.append(turned(page, lambda key=key: page.keyboard.press(key), f"{next_place:,} of "))
    say(f"page caption, {query or 'all'}: next or previous image {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")


def shelves(page: Page, address: str, query: str, rounds: int, say: Callable[[str], None]) -> None:
    """The Library, a shelf after the other."""
    open_page(page, f"{address}/library?q={query}")
    page.locator(".tile").first.wait_for()
    took = []
    for _ in range(rounds):
        first = page.evaluate(r"Number(document.body.innerText.match(/–([\d,]+) shown/)[1].replaceAll(',', ''))") + 1
        took.append(turned(page, lambda: page.keyboard.press("PageDown"), f"{first:,}–"))
    say(f"page library, {query or 'all'}: next shelf {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms")


def search(page: Page, address: str, say: Callable[[str], None]) -> None:
    """Queries typed one after the other into the field of the Library."""
    open_page(page, f"{address}/library")
    took = {}
    queries = {
        "zebra": "16,700 images",
        "tag:odd": "95 images",
        "level:scarce color:red": "No image matches",
        "color:purple": "12,414 images",
    }
    for query, said in queries.items():
        field = page.get_by_role("searchbox")
        field.fill(query)
        took[query] = turned(page, lambda field=field: field.press("Enter"), said)
    say("page library, a query typed: " + ", ".join(f"{query} {value:.0f} ms" for query, value in took.items()))
