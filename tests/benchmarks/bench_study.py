"""How quickly a large study opens: its results, the page, the report and every vote as a file; and the arithmetic beside other code.

    python -m tests.benchmarks.bench_study [--votes 100000] [--home DIR] [--json]

The store is made first where DIR has none (`large_study`). Seconds are of the clock, in brackets of the processor. Ratios are how many
times as long the other code takes for the same numbers: choix fitted to each bootstrap resample in turn, and the krippendorff package.
"""

import argparse
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import choix
import krippendorff
import numpy as np
from streamlit.testing.v1 import AppTest

from tests.benchmarks.large_study import make
from tests.stores import opened, reading
from tests.workbench.simulated_studies import World, simulate
from workbench import studies
from workbench.analysis import conditional_logit
from workbench.analysis.agreement import krippendorff_alpha
from workbench.analysis.design_matrix import luce_ballots
from workbench.rating.results import study_results
from workbench.reports.html_page import report_of
from workbench.reports.results_version import state_of
from workbench.reports.vote_table import CODEBOOK, every_vote, write_csv

ROOT = Path(__file__).parents[2]
PAGE_SECONDS = 600
REFITS = 1000


def timed(action: Callable[[], Any]) -> tuple[float, float]:
    """Seconds on the clock and of the processor, all threads together."""
    began = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - began[0], time.process_time() - began[1]


def of_store(home: Path) -> dict[str, tuple[float, float]]:
    """What the store's one study takes."""
    spent = {}
    with reading(home) as session:
        study_results(session, 1)  # what a first call loads is not the study's
        spent["progress"] = timed(lambda: studies.progress(session, 1))
        spent["whether results may have changed"] = timed(lambda: state_of(session, 1))
        spent["results"] = timed(lambda: study_results(session, 1))
        spent["the report with its results"] = timed(lambda: report_of(session, 1))
        spent["every vote as CSV"] = timed(lambda: write_csv(io.StringIO(), every_vote(session, 1), CODEBOOK))
    return spent


def of_page(home: Path) -> dict[str, tuple[float, float]]:
    """The page as a visitor has it: first, and again while nothing has changed."""
    os.environ["WORKBENCH_HOME"] = str(home)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=PAGE_SECONDS)
    app.run()
    app.switch_page("workbench/ui/pages/studies.py")
    spent = {"the page, first": timed(app.run)}
    if app.exception or not app.metric:
        raise RuntimeError(f"the page did not show results: {[error.message for error in app.exception]}")
    return spent | {"the page, again": timed(app.run)}


def bootstrap_ratio() -> float:
    """Choix in a loop over resampled tables of wins, against the batched solver; the same tables, and the same strengths."""
    ballots = luce_ballots(simulate(World(), 0).votes, 0.5)
    draw = np.random.default_rng(0)
    totals = draw.multinomial(int(ballots.totals.sum()), ballots.totals / ballots.totals.sum(), REFITS).astype(float)
    began = time.process_time()
    ours = ballots.fit(totals) @ conditional_logit.contrasts(len(ballots.names)).T
    seconds = time.process_time() - began
    began = time.process_time()
    theirs = np.array([choix.ilsr_pairwise_dense(_wins(ballots, row)) for row in totals])
    ratio = (time.process_time() - began) / seconds
    np.testing.assert_allclose(ours, theirs - theirs.mean(axis=1, keepdims=True), atol=1e-5)
    return ratio


def _wins(ballots, row: np.ndarray) -> np.ndarray:
    wins = np.zeros((len(ballots.names),) * 2)
    for (first, second), (one, other) in zip(ballots.members, row.reshape(-1, 2), strict=True):
        wins[first, second], wins[second, first] = one, other
    return wins


def alpha_ratio() -> float:
    """The krippendorff package against ours on 20,000 answers of 40 raters, a half of the cells empty."""
    draw = np.random.default_rng(0)
    answers = draw.integers(1, 6, (40, 1000)).astype(float)
    answers[draw.random(answers.shape) < 0.5] = np.nan
    units = [[value for value in column if not np.isnan(value)] for column in answers.T]
    began = time.process_time()
    ours = krippendorff_alpha(units, "ordinal")
    seconds = time.process_time() - began
    began = time.process_time()
    theirs = krippendorff.alpha(answers, level_of_measurement="ordinal")
    ratio = (time.process_time() - began) / seconds
    np.testing.assert_allclose(ours, theirs)
    return ratio


def main() -> None:
    """Print a table, and with --json a last line with the same numbers."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        _fill(home, options.votes)
        spent = of_store(home) | of_page(home)
    say(f"| {options.votes:,} votes | seconds |\n|---|---|")
    for name, (clock, processor) in spent.items():
        say(f"| {name} | {clock:.2f} ({processor:.2f}) |")
    ratios = {"choix, resample by resample": bootstrap_ratio(), "the krippendorff package": alpha_ratio()}
    for name, ratio in ratios.items():
        say(f"{name}: {ratio:.1f} times as long")
    if options.json:
        say(json.dumps({"votes": options.votes, "seconds": spent, "ratios": ratios}))


def _fill(home: Path, votes: int) -> None:
    if (home / "workbench.sqlite").exists():
        return
    with opened(home) as (engines, _):
        make(engines.writer, votes)


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
