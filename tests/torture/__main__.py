"""``scripts/torture``: the rows, the time, the table."""

from __future__ import annotations

import argparse
import sys
import time
import warnings

import numpy as np

from bdg._version import __version__
from tests.torture.child import load_all
from tests.torture.every import ROWS
from tests.torture.row import Trials


def main() -> int:
    """Run the rows that were named and print the table; 1 if anything gave way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="time for all rows together")
    parser.add_argument("--only", action="append", choices=list(ROWS), help="a row; may be given again")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="names of the rows")
    given = parser.parse_args()
    if given.list:
        print("\n".join(f"{row.name:16} {row.what}" for row in ROWS.values()))
        return 0
    warnings.simplefilter("ignore")
    rows = [ROWS[name] for name in given.only or ROWS]
    load_all()
    ends_at, shares = time.monotonic() + 60 * given.minutes, sum(row.share for row in rows)
    failed: list[str] = []
    lines: list[str] = []
    for row in sorted(rows, key=lambda row: row.share):  # what the short ones leave is the long ones'
        began = time.monotonic()
        seconds = max(0.0, ends_at - began) * row.share / shares
        shares -= row.share
        trials = Trials(row.most, seconds, np.random.default_rng([given.seed, len(row.name)]))
        row.run(trials)
        taken = time.monotonic() - began
        lines.append(f"| {row.what} | {trials.done} | {trials.figure} | {taken:.0f} |")
        print(lines[-1], file=sys.stderr, flush=True)
        failed += [f"{row.name} {line}" for line in trials.failures]
    print(f"bdg {__version__}, seed {given.seed}\n\n| what | trials | figures | s |\n|---|---|---|---|")
    print("\n".join(lines))
    print("\n".join(["", *failed]))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
