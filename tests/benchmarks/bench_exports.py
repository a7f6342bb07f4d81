"""Exports at scale: time beside copying the same files one by one plus encoding, memory above the start, and an export that is killed.

    python -m tests.benchmarks.bench_exports --items 100000 --formats imagefolder webdataset --work FOLDER

The store comes from `large_release`. Each export and each copying is a process of its own; memory is the peak of its resident set above
what it had once everything was loaded and the release was found.
"""

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from db.enums import Split
from db.session import transaction
from tests.benchmarks import large_release
from workbench import exports, releases
from workbench.images import gray_png, item_names

WITH_GRAY = ("imagefolder", "webdataset", "parquet")
"""Formats that hold the lightness too."""
BOUND, BOUND_MIB = 1.5, 400


@dataclass
class Measured:
    """What one process took."""

    seconds: float
    processor_seconds: float
    above_start_mib: float
    files: int
    megabytes: float


def export(folder: Path, items: int, layout: str, target: Path) -> Measured:
    """Export the whole release."""
    with large_release.store(folder, items) as (engines, media):
        release_id = large_release.released(engines, media)
        with transaction(engines.reader) as session:
            return _measure(lambda: exports.write_files(session, media, release_id, layout, target), target)


def copy(folder: Path, items: int, layout: str, target: Path) -> Measured:
    """Copy the color targets one by one, and encode the gray versions where the format has them; nothing else."""
    with large_release.store(folder, items) as (engines, media):
        release_id = large_release.released(engines, media)
        with transaction(engines.reader) as session:
            named = [
                (*item_names(item), item.source_key, item.color_key)
                for split in Split
                for item in releases.stream(session, release_id, split)
            ]

        def work() -> None:
            (target / "gray").mkdir(parents=True)
            (target / "color").mkdir()
            for gray, color, source_key, color_key in named:
                shutil.copyfile(media.path(color_key), target / "color" / color)
                if layout in WITH_GRAY and not (target / "gray" / gray).exists():
                    (target / "gray" / gray).write_bytes(gray_png(media.path(source_key).read_bytes()))

        return _measure(work, target)


def _measure(work, target: Path) -> Measured:
    before = psutil.Process().memory_info().rss
    began, processor = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    return Measured(seconds, processor, max(0, peak - before) / 2**20, len(sizes), sum(sizes) / 1e6)


def command(what: str, folder: Path, items: int, layout: str, target: Path) -> list[str]:
    """This program as a process of its own that does one thing, `export` or `copy`."""
    options = {"--one": what, "--work": folder, "--items": items, "--formats": layout, "--out": target}
    return [sys.executable, "-m", "tests.benchmarks.bench_exports", *(str(part) for pair in options.items() for part in pair)]


def environment() -> dict[str, str]:
    """The environment of such a process, which imports this tree."""
    return {**os.environ, "PYTHONPATH": os.getcwd()}


def in_a_process(what: str, folder: Path, items: int, layout: str, target: Path) -> Measured:
    """Run `export` or `copy` in a process of its own, its output removed by the caller."""
    done = subprocess.run(command(what, folder, items, layout, target), check=True, stdout=subprocess.PIPE, text=True, env=environment())
    return Measured(**json.loads(done.stdout))


def killed(folder: Path, items: int, layout: str, target: Path) -> bool:
    """Kill an export in the middle and repeat it; whether nothing stood in its place before, and the whole afterwards."""
    child = subprocess.Popen(command("export", folder, items, layout, target), stdout=subprocess.DEVNULL, env=environment())
    partial = target.parent / f".{target.name}.partial"
    while child.poll() is None and not _has_begun(partial, items):
        time.sleep(0.2)
    child.send_signal(signal.SIGKILL)
    child.wait()
    if target.exists() or child.returncode != -signal.SIGKILL:
        return False
    in_a_process("export", folder, items, layout, target)
    return not partial.exists() and exports.verify_folder(target) == []


def _has_begun(partial: Path, items: int) -> bool:
    """Whether a fourth of the items lies in an unfinished export, by its list of checksums or by the bytes of its shards."""
    written = partial / exports.CHECKSUMS
    if written.is_file() and written.stat().st_size > items // 4 * 90:
        return True
    return (
        sum(path.stat().st_size for path in partial.rglob("*.tar")) + sum(path.stat().st_size for path in partial.rglob("*.parquet"))
        > 4000 * items
    )


def report(layout: str, ours: Measured, plain: Measured) -> None:
    """One line of the table."""
    ratio = ours.seconds / plain.seconds
    held = "yes" if ratio <= BOUND and ours.above_start_mib < BOUND_MIB else "NO"
    sys.stdout.write(
        f"| {layout} | {ours.files:,} | {ours.megabytes:,.0f} | {plain.seconds:.1f} | {ours.seconds:.1f} | {ratio:.2f} | "
        f"{ours.processor_seconds:.1f} | {ours.above_start_mib:.0f} | {held} |\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Measure, print a table, and with --json a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--formats", nargs="+", default=["imagefolder"], choices=list(exports.FORMATS))
    parser.add_argument("--work", type=Path, help="where the store lies or is made; else a temporary folder")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=["export", "copy"], help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        function = {"export": export, "copy": copy}[options.one]
        sys.stdout.write(json.dumps(asdict(function(options.work, options.items, options.formats[0], options.out))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.work or Path(temporary)
        with large_release.store(folder, options.items) as (engines, media):
            large_release.released(engines, media)
        sys.stdout.write("| format | files | MB | copying, s | export, s | ratio | processor, s | MiB above the start | held |\n")
        sys.stdout.write("|---|---|---|---|---|---|---|---|---|\n")
        seconds = {}
        for layout in options.formats:
            targets = folder / "copied", folder / f"exported-{layout}"
            for target in targets:
                shutil.rmtree(target, ignore_errors=True)
            plain = in_a_process("copy", folder, options.items, layout, targets[0])
            shutil.rmtree(targets[0])
            ours = in_a_process("export", folder, options.items, layout, targets[1])
            report(layout, ours, plain)
            shutil.rmtree(targets[1])
            seconds[layout] = {"copy": asdict(plain), "export": asdict(ours)}
        first = options.formats[0]
        whole = killed(folder, options.items, first, folder / "killed")
        shutil.rmtree(folder / "killed", ignore_errors=True)
        sys.stdout.write(f"\n{first}, killed in the middle and repeated: {'whole' if whole else 'NOT WHOLE'}\n")
        if options.json:
            sys.stdout.write(json.dumps({"items": options.items, **seconds, "killed": whole}) + "\n")


if __name__ == "__main__":
    main()
