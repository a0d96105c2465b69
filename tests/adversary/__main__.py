"""The command: ``python -m tests.adversary``."""

from __future__ import annotations

import argparse
import sys

from tests.adversary.judges import JUDGES
from tests.adversary.report import judged


def main():
    """Judge as many models as are asked for; exit code 1 where anything disagrees."""
    parser = argparse.ArgumentParser(description="Random small models, each looked at from many sides.")
    parser.add_argument("--count", type=int, default=300, help="models, by default 300")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first; the others follow")
    parser.add_argument("--only", type=int, metavar="SEED", help="this one alone")
    parser.add_argument("--judge", action="append", choices=JUDGES, help="this judge; may be given again")
    given = parser.parse_args()
    seeds = range(given.seed, given.seed + given.count) if given.only is None else [given.only]
    report = judged(seeds, tuple(given.judge or JUDGES), _progress if sys.stderr.isatty() else lambda _: None)
    print(report.table())
    if report.failures:
        print(report.explained())
    return 1 if report.failures else 0


def _progress(report):
    done = report.models["judged"] + report.models["refused"]
    print(f"\r{done} models, {len(report.failures)} disagreements ", end="", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
