"""Pages of a large store in headless Chromium: milliseconds by the browser's clock until what was asked for is drawn and nothing runs.

A page counts as usable once its pictures stand there, it says how many there are, and the server has nothing more to draw.
"""

import statistics
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psutil
from playwright.sync_api import Page

from tests.benchmarks.bench_pages import WALKED, WATCH_PICTURE
from tests.benchmarks.turning_pages import turned
from tests.e2e.serving import chromium, open_page, served
from tests.stress.million_queries import Taken
from workbench import images
from workbench.open_store import Store
from workbench.ui.shared import wording

MOST, SETTLED_MS = 60_000, 500
FILTERS = ("tag:night", "level:scarce", "color:red", "has:mask", "level:partial color:red", "NOT has:caption", 'source:"album 0"')
WORDS = ("zebra", "dog cat", '"next to a red car"', "a")
OTHERS = ("home", "caption", "ground", "review", "checks", "edits", "colorize", "releases")


def measured(store: Store, rounds: int, say: Callable[[str], None]) -> Iterator[Taken]:
    """The Library and the other pages, each by its address and by the way a visitor takes."""
    with served(store.settings.home) as address:
        servers = psutil.Process().children(recursive=True)
        yield from _visited(store, address, rounds)
        say(f"memory of the web processes: {sum(one.memory_info().rss for one in servers if one.is_running()) / 1e6:.0f} MB")


def _visited(store: Store, address: str, rounds: int) -> Iterator[Taken]:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(MOST)
        open_page(page, f"{address}/runs")  # the browser has the app's own files from here on
        everything = _said(store, "")
        yield _several("library", "first page, by its address", rounds, lambda: _opened(page, f"{address}/library", everything))
        yield _several("library", "first page, from another", rounds, lambda: _from_another(page, "Library", everything))
        yield _several("library", "next page", 2 * rounds, lambda: _turn(page, "PageDown"))
        yield _several("library", "page before", rounds, lambda: _turn(page, "PageUp"))
        for group, queries in (("filter", FILTERS), ("search", WORDS)):
            for query in queries:
                yield _several(group, query, rounds, lambda query=query: _typed(page, query, _said(store, query), everything))
        open_page(page, f"{address}/library?q={quote('level:partial color:red')}")
        page.locator(".tile").first.wait_for()  # keys are heard from then on
        page.wait_for_timeout(SETTLED_MS)
        yield _several("library", "next page of level:partial color:red", rounds, lambda: _turn(page, "PageDown"))
        for name in OTHERS:
            yield _several("other pages", name, rounds, lambda name=name: _other(page, f"{address}/{'' if name == 'home' else name}"))
        yield _several("caption", "next image", 2 * rounds, lambda: _next_image(page, address))


def _several(group: str, name: str, rounds: int, once: Callable[[], float]) -> Taken:
    times = [once() for _ in range(1 + rounds)]
    return Taken(f"browser, {group}", name, times[0], statistics.median(times[1:]), best=min(times))


def _said(store: Store, query: str) -> str:
    """How the Library says how many images there are."""
    with store.reading() as session:
        number = images.count(session, query)
    if not number:
        return "No image matches this search"
    return f"{wording.count(number, 'image')} {'match' if query else 'in the store'}"


def _opened(page: Page, address: str, said: str) -> float:
    """From the browser's way to an address to the page that stands there."""
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    page.wait_for_function(
        """said => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
        && document.body.innerText.includes(said)""",
        arg=said,
    )
    page.locator(".tile").first.wait_for()  # in a shadow root, which only a locator looks into
    return page.evaluate("performance.now()")


def _other(page: Page, address: str) -> float:
    page.goto("about:blank")
    open_page(page, address)
    return page.evaluate("performance.now()")


def _from_another(page: Page, title: str, said: str) -> float:
    """By the navigation, from a page without pictures."""
    turned(page, lambda: page.get_by_role("link", name="Runs", exact=True).click(), "Runs")
    page.locator(".tile").first.wait_for(state="detached")
    return turned(page, lambda: page.get_by_role("link", name=title, exact=True).click(), said)


def _turn(page: Page, key: str) -> float:
    first, last = page.evaluate(
        r"document.body.innerText.match(/([\d,]+)–([\d,]+) shown/).slice(1).map(n => Number(n.replaceAll(',', '')))"
    )
    said = f"{last + 1:,}–" if key == "PageDown" else f"–{first - 1:,} shown"
    page.wait_for_timeout(SETTLED_MS)  # a person looks at a page before the next one; its pictures have come by then
    return turned(page, lambda: page.keyboard.press(key), said)


def _typed(page: Page, query: str, said: str, everything: str) -> float:
    """A query written over another one, from Enter on."""
    field = page.get_by_role("searchbox")
    if field.input_value():
        field.fill("")
        turned(page, lambda: field.press("Enter"), everything)
        field = page.get_by_role("searchbox")
    field.fill(query)
    return turned(page, lambda: field.press("Enter"), said)


def _next_image(page: Page, address: str) -> float:
    if "/caption" not in page.url:
        open_page(page, f"{address}/caption")
        page.locator(".keys dt").get_by_text("z y", exact=True).wait_for(state="attached")
    page.wait_for_timeout(SETTLED_MS)
    page.evaluate(WATCH_PICTURE, WALKED["caption"])
    page.keyboard.press("ArrowRight")
    return page.evaluate("window.took")
