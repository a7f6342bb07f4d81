"""Name the tests that failed in the last run; fails where there are none, or too many to be run again.

python -m tests.failed_before [--most N]
"""

import argparse
import json
import sys
from pathlib import Path

NOTED = Path(__file__).parent.parent / ".pytest_cache" / "v" / "cache" / "lastfailed"


def failed_before(noted: Path = NOTED) -> list[str]:
    """The names of the tests that pytest noted as failed; none where it noted nothing."""
    return sorted(json.loads(noted.read_text(encoding="utf-8"))) if noted.is_file() else []


def main() -> int:
    """Print them; 0 where they may be run again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=3)
    options = parser.parse_args()
    failed = failed_before()
    sys.stdout.write("".join(f"failed beside the others: {name}\n" for name in failed) or "no test failed\n")
    return 0 if 0 < len(failed) <= options.most else 1


if __name__ == "__main__":
    raise SystemExit(main())
