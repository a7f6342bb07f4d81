"""60 raters at once, 30 trials each, over HTTP against one server: no vote lost, doubled or mistaken, and the time to the next trial.

`python tests/benchmarks/bench_raters.py [--raters 60] [--trials 30] [--think 1.5] [--json]`
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.rater_load import run

MEDIAN_MS, P95_MS = 300, 1000
VOTES = 6


def main() -> int:
    """Run, print a table, and fail where a vote is not as it was sent or the times are not held."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--raters", type=int, default=60)
    options.add_argument("--trials", type=int, default=30, help="regular trials of a rater; gold and trap trials come on top")
    options.add_argument("--think", type=float, default=1.5, help="mean seconds between seeing a trial and answering it")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = run(Path(folder) / "home", count=given.raters, regular=given.trials, votes=VOTES, think=given.think)
    broken = found.lost + found.double + found.mistaken + found.over_asked
    lines = [
        f"{found.raters} raters, {found.sent} votes sent ({found.checks} of them checks), {found.stored} stored, {found.wall:.0f} s",
        f"lost {found.lost}, double {found.double}, mistaken {found.mistaken}, trials with more votes than asked {found.over_asked}",
        f"from vote to next trial: median {found.median_ms:.0f} ms (to be < {MEDIAN_MS}), p95 {found.p95_ms:.0f} ms (to be < {P95_MS})",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if given.json:
        facts = {name: value for name, value in asdict(found).items() if name != "seconds"}
        sys.stdout.write(json.dumps(facts | {"median_ms": found.median_ms, "p95_ms": found.p95_ms}) + "\n")
    return int(bool(broken) or found.median_ms >= MEDIAN_MS or found.p95_ms >= P95_MS)


if __name__ == "__main__":
    sys.exit(main())
