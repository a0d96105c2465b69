"""The limits of Linux control groups (containers, batch systems): memory and processors.

A process is in a group of a tree, and the limits of all groups above it hold too. Inside a container the root
that is seen is often the container's own group; under a batch system such as Slurm the group of a job lies
levels below the root, and ``/proc/self/cgroup`` names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
"""Where the groups are seen."""

OWN = Path("/proc/self/cgroup")
"""Names the groups of this process: ``id:controllers:path``, one line a hierarchy; version 2 has id 0."""

RESERVE = float(2**26)
"""Bytes that are left below a limit: past it nothing is refused, the process is killed, and not all that it
takes is foreseen (140 MiB for 80 MiB foreseen, measured on 120×120 sites)."""


def memory_left() -> float | None:
    """Bytes until a reserve below the nearest limit of any group of this process; ``None`` without a limit.

    Files that are cached and not in use count as free: they go when memory is asked for.
    """
    left = []
    for folder in _groups("memory"):
        for limit, used, idle in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            most, now = _number(folder / limit), _number(folder / used)
            if most is not None and now is not None:  # version 1 has a number beyond any machine for none
                left.append(most - now + min(now, _idle(folder / "memory.stat", idle)))
    return max(0.0, min(left) - RESERVE) if left else None


def processors() -> float | None:
    """Processors that the least quota of any group of this process is worth; ``None`` where there is none."""
    quotas = []
    for folder in _groups("cpu"):
        quota, _, period = (_text(folder / "cpu.max") or "max").partition(" ")
        if quota != "max":
            quotas.append(float(quota) / float(period or 100_000))
        given, over = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
        if given is not None and over and given > 0:
            quotas.append(given / over)
    return min(quotas, default=None)


def _groups(controller: str) -> Iterator[Path]:
    """The group of this process and all above it, in both versions, as far as they are seen."""
    paths = {ROOT: "/", ROOT / controller: "/"}
    for line in (_text(OWN) or "").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            paths[ROOT] = path
        elif controller in controllers.split(","):
            paths[ROOT / controller] = path
    for root, path in paths.items():
        own = root / path.lstrip("/")
        yield from (own, *(above for above in own.parents if above.is_relative_to(root)))


def _idle(stat: Path, name: str) -> float:
    """Bytes of cached files that are not in use."""
    entries = dict(line.split(" ", 1) for line in (_text(stat) or "").splitlines() if " " in line)
    return float(entries.get(name, 0.0))


def _number(file: Path) -> float | None:
    try:
        return float(_text(file) or "")
    except ValueError:  # "max"
        return None


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
