"""``scripts/bench [NAME …]``, or ``python -m benchmarks [NAME …]`` from the top of a checkout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bdg.errors import BdgError
from benchmarks.command import NAMES, bench


def main() -> int:
    """Run what the command line names; the exit code."""
    parser = argparse.ArgumentParser(
        "scripts/bench", description="How fast and how exact this machine does it."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; without names, all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables there")
    parser.add_argument("--large", action="store_true", help="run what is extrapolated otherwise")
    given = parser.parse_args()
    try:
        bench(given.names, given.json, given.large)
    except BdgError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
