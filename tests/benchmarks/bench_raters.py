"""60 raters at once, 30 trials each, over HTTP against one server: no vote lost, doubled or mistaken, and the time to the next trial.

`python -m tests.benchmarks.bench_raters [--raters 60] [--trials 30] [--think 1.5] [--json]`
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.rater_load import run

MEDIAN_MS, P95_MS = 300, 1000
VOTES = 6


def main() -> int:
    """Run, print a table, and fail where a vote is not as it was sent or the times are not held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raters", type=int, default=60)
    parser.add_argument("--trials", type=int, default=30, help="regular trials of a rater; gold and trap trials come on top")
    parser.add_argument("--think", type=float, default=1.5, help="mean seconds between seeing a trial and answering it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder) / "home", count=options.raters, regular=options.trials, votes=VOTES, think=options.think)
    broken = result.lost + result.double + result.mistaken + result.over_asked
    lines = [
        f"{result.raters} raters, {result.sent} votes sent ({result.checks} of them checks), {result.stored} stored, {result.wall:.0f} s",
        f"lost {result.lost}, double {result.double}, mistaken {result.mistaken}, trials with more votes than asked {result.over_asked}",
        f"from vote to next trial: median {result.median_ms:.0f} ms (to be < {MEDIAN_MS}), p95 {result.p95_ms:.0f} ms (to be < {P95_MS})",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.json:
        facts = {name: value for name, value in asdict(result).items() if name != "seconds"}
        sys.stdout.write(json.dumps(facts | {"median_ms": result.median_ms, "p95_ms": result.p95_ms}) + "\n")
    return int(bool(broken) or result.median_ms >= MEDIAN_MS or result.p95_ms >= P95_MS)


if __name__ == "__main__":
    sys.exit(main())
