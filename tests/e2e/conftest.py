"""An app over a store of the module's own, and browsers at it that note every request and every error."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.serving import DESKTOP, MOST, chromium, foreign, served
from tests.stores import Filled

expect.set_options(timeout=MOST)


@pytest.fixture(scope="module")
def store(filled_once, tmp_path_factory) -> Filled:
    """The store of all tests of a module; one that needs another store has a fixture of this name."""
    return filled_once.copied(tmp_path_factory.mktemp("app") / "home")


@pytest.fixture(scope="module")
def address(store) -> Iterator[str]:
    """Where the app over the store answers."""
    with served(store.home) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all; what a test does in it lies in contexts of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def requests() -> list[str]:
    """Every request that the browsers of this test made; none may leave the machine."""
    return []


@pytest.fixture
def errors() -> list[str]:
    """Every error that a page of this test threw."""
    return []


@pytest.fixture
def device(browser, requests, errors) -> Iterator[Callable[..., Page]]:
    """Call for a browser of its own: device(viewport={…}, has_touch=True) -> its first page."""
    contexts: list[BrowserContext] = []

    def begin(**options) -> Page:
        context = browser.new_context(**({"viewport": DESKTOP} | options))
        contexts.append(context)
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda thrown: errors.append(str(thrown.error)))
        page = context.new_page()
        page.set_default_timeout(MOST)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert foreign(requests) == []
    assert errors == []


@pytest.fixture
def page(device) -> Page:
    """A page of a browser on a desk."""
    return device()
