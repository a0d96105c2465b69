"""Compute every check and write the page; ``scripts/validate`` calls it."""

from __future__ import annotations

import argparse
import sys
import time

from docs.validation.check import Row
from docs.validation.page import PAGE, ordered, page


def main(arguments: list[str]) -> int:
    """Run the checks that are named, by default all, which writes the page; 1 if numbers differ."""
    parser = argparse.ArgumentParser(prog="scripts/validate")
    parser.add_argument("names", nargs="*", help="such as weak_coupling: these alone, and no page")
    parser.add_argument("--list", action="store_true", help="name the checks")
    given = parser.parse_args(arguments)
    known = {one.name: one for one in ordered()}
    if given.list:
        print(*(f"{name:28} {one.text[0]}" for name, one in known.items()), sep="\n")
        return 0
    if unknown := [name for name in given.names if name not in known]:
        parser.error(f"no check {unknown[0]!r}; --list names them")
    found: dict[str, list[Row]] = {}
    for name in given.names or known:
        start = time.monotonic()
        found[name] = list(known[name].compute())
        red = [row for row in found[name] if not row.agrees]
        print(f"{name:28} {len(found[name]):3} numbers {time.monotonic() - start:6.1f} s", flush=True)
        for row in red:
            print(
                f"  differs: {row.quantity}: {row.ours:.10g}, not {row.reference:.10g} ± {row.tolerance:.1e}"
            )
    if not given.names:
        PAGE.write_text(page(found), encoding="utf-8")
    return int(any(not row.agrees for rows in found.values() for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
