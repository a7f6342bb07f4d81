"""Our sampler against the cost of the official procedure, at the size of Stable Diffusion 1.5: random weights, one picture of 256².

    python -m tests.benchmarks.bench_sampler [--threads 2] [--precision auto] [--json]

Ours is the whole call (encode, the default steps, decode, joining with the lightness) in the type that this processor is good at, as
commands and workers call it (`lcad.precision`; --precision float32 for the official one's), and under the preset "fast". The official
procedure, in float32 as released, takes 50 equal steps, so the median of a few of them is multiplied by 50, and one decoding is added.
All six procedures take turns, a step at a time, in one
process; the peak memory of each is that of a process of its own, of two steps. Processor seconds stand beside seconds on the clock: on
a machine that has other work, they are the ones to trust. 6 GB of memory.
"""

import argparse
import json
import os
import subprocess
import sys

PROCEDURES = tuple(f"{whose} {kind}" for whose in ("official", "ours", "fast") for kind in ("plain", "with masks"))


def in_a_process(what: str, precision: str, threads: int):
    """What `sampler_procedures` measures in a process of its own; a thread that waits must not count as one that works."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "passive"}
    command = [sys.executable, "-m", "tests.benchmarks.sampler_procedures", what, "--precision", precision]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1])


def ratios(seconds: dict[str, float]) -> dict[str, float]:
    """How many times faster ours is, and what masks add to it."""
    return {
        "plain_speedup": round(seconds["official plain"] / seconds["ours plain"], 2),
        "instance_speedup": round(seconds["official with masks"] / seconds["ours with masks"], 2),
        "fast_plain_speedup": round(seconds["official plain"] / seconds["fast plain"], 2),
        "fast_instance_speedup": round(seconds["official with masks"] / seconds["fast with masks"], 2),
        "guidance_overhead": round(seconds["ours with masks"] / seconds["ours plain"] - 1, 4),
    }


def report(facts: dict[str, object]) -> str:
    """The measurement for a person."""
    lines = [f"{'':22}{'seconds':>10}{'processor':>12}{'peak GiB':>10}"]
    for name in PROCEDURES:
        clock, processor, peak = facts["seconds"]["clock"][name], facts["seconds"]["processor"][name], facts["peak_memory_gib"][name]
        note = f"   50 × {facts['official_step_seconds'][name]} s and a decoding" if name.startswith("official") else ""
        lines.append(f"{name:22}{clock:>10.1f}{processor:>12.1f}{peak:>10.2f}{note}")
    lines.append(f"ours takes {facts['steps']} steps, fast {facts['fast_steps']}, in {facts['precision']}; {facts['threads']} threads")
    for kind, values in (("on the clock", facts), ("of the processor", facts["by_processor"])):
        speedups = f"plain {values['plain_speedup']} ×, with masks {values['instance_speedup']} ×"
        speedups += f"; fast {values['fast_plain_speedup']} × and {values['fast_instance_speedup']} ×"
        lines.append(f"faster by seconds {kind}: {speedups}; masks cost {100 * values['guidance_overhead']:.1f} %")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto", help="of ours")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    peaks = {name: round(in_a_process(f"peak memory of {name}", options.precision, options.threads), 3) for name in PROCEDURES}
    facts = in_a_process("seconds", options.precision, options.threads)
    by_clock, by_processor = (ratios(facts["seconds"][kind]) for kind in ("clock", "processor"))
    facts = {**by_clock, "by_processor": by_processor, "threads": options.threads, "peak_memory_gib": peaks, **facts}
    sys.stdout.write(report(facts) + "\n")
    if options.json:
        sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
