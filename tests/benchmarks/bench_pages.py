"""How long each page takes to be usable, and what axe-core finds on it.

    python -m tests.benchmarks.bench_pages [--home HOME] [--large] [--write]

Over the demo store (made anew without --home), in Chromium. Two tables: milliseconds from the click on a page's name, and from its address
typed into a fresh browser, to the page drawn whole, medians of several; milliseconds from → to the next picture on show; errors of the
console; and axe-core's findings by severity, in light and in dark. --write puts both into docs/interface.md. --large: HOME is a large
store (`tests.stress.million --images 100000` makes one), of which times alone are taken, and written beside those of the demo.
"""

import argparse
import re
import statistics
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.e2e.demo import demo_store
from tests.e2e.serving import DESKTOP, MOST, ROOT, chromium, open_page, served
from tests.e2e.test_accessibility import STREAMLITS
from workbench.ui.app.navigation import SECTIONS

DOCUMENT = ROOT / "docs" / "interface.md"
PAGES = [entry for entries in SECTIONS.values() for entry in entries]
SEVERITIES = ("critical", "serious", "moderate", "minor")
ROUNDS, STEPS = 5, 9
WALKED = {"caption": ".picture img", "ground": ".masks .frame img", "review": ".pane.left img"}
"""Pages that show one picture after the other, and where it stands."""
FIND = """selector => {
  const hosts = [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
  return hosts.map(host => host.shadowRoot?.querySelector(selector)).find(Boolean)
}"""
USABLE = """(name) => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
  && !document.querySelector('[data-testid=stSkeleton]')
  && [...document.querySelectorAll('h1')].some(head => head.innerText.trim() === name)"""
WATCH = f"""name => {{
  const began = performance.now()
  window.took = new Promise(done => {{
    const look = () => ({USABLE})(name) ? done(performance.now() - began) : requestAnimationFrame(look)
    requestAnimationFrame(look)
  }})
}}"""
WATCH_PICTURE = f"""selector => {{
  const find = {FIND}
  const began = performance.now(), before = find(selector)?.src
  window.took = new Promise(done => {{
    const look = () => {{
      const image = find(selector)
      if (image && image.src !== before && image.complete && image.naturalWidth) done(performance.now() - began)
      else requestAnimationFrame(look)
    }}
    requestAnimationFrame(look)
  }})
}}"""


def main() -> None:
    """Measure, print, and where it is asked for write the tables into the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with demo_store(asked.home) as home, served(home.resolve()) as address, chromium() as browser:
        tables = {"large times" if asked.large else "times": times(browser, address)}
        if not asked.large:
            tables["findings"] = findings(browser, address)
    for name, table in tables.items():
        print(f"{table}\n")  # noqa: T201
        if asked.write:
            text = DOCUMENT.read_text("utf-8")
            part = re.compile(rf"(<!-- measured {name} -->\n).*?(<!-- end -->)", re.S)
            DOCUMENT.write_text(part.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text), "utf-8")


def times(browser: Browser, address: str) -> str:
    """The table of times."""
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.page.url if message.page else ''})")

    rows = ["| page | opened from the menu, ms | opened anew, ms | next picture, ms | console errors |", "|---|---|---|---|---|"]
    for name, title in PAGES:
        context = browser.new_context(viewport=DESKTOP)
        page = context.new_page()
        page.set_default_timeout(MOST)
        page.on("console", hear)
        errors.clear()
        from_menu = [clicked(page, address, title) for _ in range(ROUNDS)]
        anew = [opened(page, f"{address}/{name if name != 'home' else ''}", title) for _ in range(ROUNDS)]
        next_picture = f"{statistics.median(walked(page, WALKED[name])):.0f}" if name in WALKED else ""
        rows.append(f"| {title} | {statistics.median(from_menu):.0f} | {statistics.median(anew):.0f} | {next_picture} | {len(errors)} |")
        context.close()
    return "\n".join(rows)


def clicked(page: Page, address: str, title: str) -> float:
    """Milliseconds from the click on a page's name in the menu to the page that is drawn whole; the page before it is Settings or Home."""
    before = "Home" if title != "Home" else "Settings"
    open_page(page, f"{address}/{'' if before == 'Home' else before.lower()}")
    page.evaluate(WATCH, title)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    return page.evaluate("window.took")


def opened(page: Page, address: str, title: str) -> float:
    """Milliseconds from the request of an address to the page that is drawn whole; its files lie in the browser's cache."""
    page.goto(address, wait_until="commit")
    page.wait_for_function(USABLE, arg=title, polling="raf")
    return page.evaluate("performance.now()")


def walked(page: Page, selector: str) -> list[float]:
    """Milliseconds from the arrow key to the next picture on show, some steps of a walk at a person's pace."""
    took = []
    for _ in range(STEPS):
        page.wait_for_timeout(700)
        page.evaluate(WATCH_PICTURE, selector)
        page.keyboard.press("ArrowRight")
        took.append(page.evaluate("window.took"))
    return took


def findings(browser: Browser, address: str) -> str:
    """The table of what axe-core finds; what lies in Streamlit's own menu is counted apart."""
    off = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in STREAMLITS}}
    rows = [f"| page | theme | {' | '.join(SEVERITIES)} | rules |", f"|---|---|{'---|' * len(SEVERITIES)}---|"]
    for name, title in PAGES:
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport=DESKTOP, color_scheme=scheme)
            open_page(page, f"{address}/{name if name != 'home' else ''}")
            page.wait_for_function(USABLE, arg=title, polling="raf")
            violations = Axe().run(page, options=off).response["violations"]
            counts = [sum(len(one["nodes"]) for one in violations if one["impact"] == severity) for severity in SEVERITIES]
            rules = ", ".join(sorted({one["id"] for one in violations}))
            rows.append(f"| {title} | {scheme} | {' | '.join(map(str, counts))} | {rules} |")
            page.close()
    return "\n".join(rows)


if __name__ == "__main__":
    main()
