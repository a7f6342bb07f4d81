"""What `million` measured at several sizes, as a table and a plot: how the pages' times grow with the store.

    python -m tests.stress.million_growth 10k.json 100k.json 1m.json [--out docs]

Reads what `million --out` wrote (several files of one size are joined), prints the table in Markdown, and writes `million.svg` into OUT.
Of queries the processor time of the thread is told, which other work on the machine leaves alone; of pages the browser's clock.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import altair as alt
import pandas as pd

from workbench.reports.plots import SHAPES, svg
from workbench.reviews.queue import ORDERS

Measures = list[dict[str, Any]]
CHECKED = tuple(f"{name}, {what}" for name in ("near-gray", "duplicates") for what in ("count", "first page", "far in"))
SEARCHES = ("images, count", "images, first page", "images, deep page", "captions, count", "captions, first page", "images, in an order")


@dataclass(frozen=True)
class Row:
    """Measures of which the slowest (or `of` them another one) is told."""

    groups: tuple[str, ...]
    names: tuple[str, ...] = ()
    of: Callable[[list[float]], float] = max

    @property
    def by_clock(self) -> bool:
        """Whether it is the browser's."""
        return self.groups[0].startswith("browser")

    def value(self, measures: Measures, field: str = "") -> float | None:
        """Milliseconds; None where one was broken off, or none was asked."""
        own = [one for one in measures if one["group"] in self.groups and (not self.names or one["name"] in self.names)]
        times = [one.get(field or ("median" if self.by_clock else "processor")) for one in own]
        return self.of([time for time in times if time is not None]) if own and None not in times else None

    def cell(self, measures: Measures) -> str:
        """The same in words, of the browser with the shortest time beside it."""
        value = self.value(measures)
        best = f" ({self.value(measures, 'best'):,.0f})" if self.by_clock and value is not None else ""
        return "–" if value is None else f"{value:,.0f}{best}"


ROWS = {
    "first page of the Library, by its address": Row(("browser, library",), ("first page, by its address",)),
    "first page of the Library, from another page": Row(("browser, library",), ("first page, from another",)),
    "next page": Row(("browser, library",), ("next page",)),
    "a filter: slowest of seven": Row(("browser, filter",)),
    "a search: slowest of four": Row(("browser, search",)),
    "next image on the Caption page": Row(("browser, caption",)),
    "median of all queries": Row(SEARCHES, of=median),
    "slowest count of images": Row(("images, count",)),
    "slowest first page of images": Row(("images, first page",)),
    "slowest page far in": Row(("images, deep page",)),
    "slowest count of captions": Row(("captions, count",)),
    "slowest page of captions": Row(("captions, first page",)),
    "slowest page in another order": Row(("images, in an order",)),
    "list of all images to walk through": Row(("walk",), ("(all)",)),
    "list of those of a query, slowest of four": Row(
        ("walk",), ("status:proposed", "NOT has:caption", "level:partial color:red", "has:mask")
    ),
    "captions by level, counted anew": Row(("home, anew",), ("captions by level",)),
    "Home's other numbers, counted anew": Row(("home, anew",), ("counts",)),
    "recent batches on Edits": Row(("edits",)),
    "search field: what it offers": Row(("field",)),
    "review queue, slowest of four orders": Row(("review",), tuple(f"queue, {order}" for order in ORDERS)),
    "checks that read no captions, slowest": Row(("checks",), CHECKED),
}
"""What a row of the table is; the first ones are the browser's."""
DRAWN = {
    "browser: first page": "first page of the Library, by its address",
    "browser: next page": "next page",
    "browser: slowest filter": "a filter: slowest of seven",
    "query: slowest count": "slowest count of images",
    "query: slowest page": "slowest first page of images",
    "query: median": "median of all queries",
    "a walk begins": "list of all images to walk through",
    "search field": "search field: what it offers",
    "captions by level": "captions by level, counted anew",
}


def table(by_size: dict[int, Measures]) -> str:
    """Milliseconds by store size, in Markdown; a dash where nothing was measured or it was broken off."""
    lines = ["| milliseconds | " + " | ".join(f"{size:,} images" for size in by_size) + " |", "|---" + "|---:" * len(by_size) + "|"]
    for name, row in ROWS.items():
        lines.append(f"| {name} | " + " | ".join(row.cell(measures) for measures in by_size.values()) + " |")
    return "\n".join(lines)


def releases_table(by_size: dict[int, Measures]) -> str:
    """The steps of a release by store size."""
    lines = [
        "| images | step | | seconds | MiB above the start: at a fourth, at most | longest wait of a writer, ms |",
        "|---|---|---|---:|---:|---:|",
    ]
    for size, measures in by_size.items():
        for one in (one for one in measures if one["group"] == "release"):
            memory = f"{one['fourth_mib']:.0f}, {one['peak_mib']:.0f}"
            told = json.loads(one["of"])
            lines.append(f"| {size:,} | {one['name']} | {told} | {one['seconds']:,.0f} | {memory} | {one['longest_wait_ms']:,.0f} |")
    return "\n".join(lines)


def plot(by_size: dict[int, Measures]) -> alt.TopLevelMixin:
    """Milliseconds over images, both logarithmic, with the bound of 300 ms."""
    rows = [
        {"images": size, "milliseconds": value, "what": said}
        for said, name in DRAWN.items()
        for size, measures in by_size.items()
        if (value := ROWS[name].value(measures)) is not None
    ]
    order = [said for said in DRAWN if any(row["what"] == said for row in rows)]
    axes = {
        "x": alt.X("images:Q", scale=alt.Scale(type="log"), axis=alt.Axis(values=list(by_size), format="~s"), title="images in the store"),
        "y": alt.Y("milliseconds:Q", scale=alt.Scale(type="log"), title="milliseconds"),
        "shape": alt.Shape("what:N", sort=order, scale=alt.Scale(domain=order, range=[*SHAPES, *SHAPES][: len(order)]), title=None),
        "strokeDash": alt.StrokeDash("what:N", sort=order, title=None, legend=None),
    }
    lines = alt.Chart(pd.DataFrame(rows)).mark_line(color="#1b1b1b", point=alt.OverlayMarkDef(color="#1b1b1b", size=60)).encode(**axes)
    rule = alt.Chart(pd.DataFrame({"bound": [300]})).mark_rule(color="#8a8a8a", strokeDash=[4, 4]).encode(y="bound:Q")
    return (rule + lines).properties(width=420, height=300)


def main() -> None:
    """Print the tables and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    options = parser.parse_args()
    joined: dict[int, Measures] = defaultdict(list)
    for path in options.files:
        content = json.loads(path.read_text())
        joined[content["images"]] += content["measures"]
    by_size = dict(sorted(joined.items()))
    (options.out / "million.svg").write_text(svg(plot(by_size)))
    sys.stdout.write(f"{table(by_size)}\n\n{releases_table(by_size)}\n")


if __name__ == "__main__":
    main()
