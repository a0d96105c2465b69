"""Mutated configurations, damaged and hostile files, special files, every kind of stdout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import h5py

from bdg.errors import BdgError, ConfigError
from bdg.setup import observable_parameters  # noqa: F401  (loads what a check loads)
from bdg.simulation.validation import checked_model
from bdg.store import load_checkpoint, read, summary
from bdg.store.safety.checksum import LENGTH
from bdg.upkeep import check
from tests.reliability.test_hostile_files import DEEDS
from tests.store.made_up import result
from tests.torture import cases
from tests.torture.child import bdg, folder
from tests.torture.row import Trials, row

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
EXTREMES = [
    *(
        "0",
        "-1",
        "1e308",
        "-1e308",
        "1e-308",
        "5e-324",
        ".nan",
        ".inf",
        "1e30",
        "100000000000000000000",
        "''",
    ),
    *(
        "null",
        "[]",
        "{}",
        "true",
        "x",
        "[1, 2, 3, 4]",
        "{a: 1}",
        "-0.0",
        "1e-12",
        "3",
        "0.5",
        "*",
        "&a",
        "!!python/object:os.system",
    ),
]


class Late(BaseException):
    """A check that takes too long."""


@contextmanager
def within(seconds: int):
    """Raise :class:`Late` after so many seconds."""

    def late(*_):
        raise Late

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def mutated(text: str, rng) -> str:
    """A configuration with one to three changes."""
    for _ in range(int(rng.integers(1, 4))):
        lines = text.split("\n")
        at = int(rng.integers(len(lines)))
        line, deed = lines[at], int(rng.integers(6))
        if deed == 0:
            del lines[at]
        elif deed == 1:
            lines.insert(at, line)
        elif deed == 2 and ":" in line:
            lines[at] = line.partition(":")[0] + ": " + str(rng.choice(EXTREMES))
        elif deed == 3 and line:
            place = int(rng.integers(len(line)))
            lines[at] = line[:place] + chr(int(rng.integers(32, 0x250))) + line[place + 1 :]
        elif deed == 4:
            lines[at] = " " * int(rng.integers(1, 4)) + line
        else:
            words = line.split(" ")
            words[int(rng.integers(len(words)))] = str(rng.choice(EXTREMES))
            lines[at] = " ".join(words)
        text = "\n".join(lines)
    return text


@row("mutated configurations, checked; every fiftieth is run", most=10_000, share=3)
def configurations(trials: Trials) -> None:
    for n in trials:
        path = CONFIGS[int(trials.rng.integers(len(CONFIGS)))]
        with folder() as here:
            Path("m.yaml").write_text(mutated(path.read_text(), trials.rng))
            try:
                with within(30):
                    checked_model("m.yaml")
                trials.count("valid")
            except ConfigError as error:
                trials.count("refused")
                trials.count("without a line", error.line is None)
            except BdgError:
                trials.count("refused")
            except (Exception, Late) as error:
                trials.expect(False, f"{type(error).__name__} {error}: {Path('m.yaml').read_text()}")
            if n % 50 == 49:
                sets = ["lattice.size=[4]" if "chain" in path.name else "scf.max_iterations=2", "output=o.h5"]
                words = [word for one in sets for word in ("--set", one)]
                ended = bdg("run", "m.yaml", "--quiet", *words, before=_little_memory, within=20)
                trials.count("run")
                slow = ended.code == -1000
                trials.count("stopped after 20 s", slow)
                is_known = slow or ended.code in (0, 2, 3, 4, 5, 6)
                trials.expect(is_known and ended.is_clean, f"exit {ended.code}: {ended.stderr[-400:]}")
                left = {file.name for file in here.iterdir()} - {
                    "m.yaml",
                    "o.h5",
                    "o.h5.checkpoint",
                    "o.h5.parts",
                }
                trials.expect(slow or not left, f"left {left}")


def _little_memory() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


@row("results and checkpoints with a bit flipped, cut off, with zeros or holes", most=2000, share=1.5)
def damaged_files(trials: Trials) -> None:
    with folder():
        cases.write("diagonalization")
        bdg("run", "run.yaml", "--quiet", "--set", "scf.max_iterations=4")
        whole = {name: Path(name).read_bytes() for name in ("out.h5", "out.h5.checkpoint")}
        for n in trials:
            name = ("out.h5", "out.h5.checkpoint")[n % 2]
            data = bytearray(whole[name])
            # What stands behind the end of the HDF5 file is its checksum alone.
            at, deed = int(trials.rng.integers(len(data) - LENGTH)), n // 2 % 4
            length = min(int(trials.rng.integers(1, 4096)), len(data) - LENGTH - at)
            if deed == 0:
                data[at] ^= 1 << int(trials.rng.integers(8))
            elif deed == 1:
                del data[at:]
            elif deed == 2:
                data[at : at + length] = bytes(len(data[at : at + length]))
            else:
                del data[at : at + length]
            if bytes(data) == whole[name]:
                continue
            Path("d.h5").write_bytes(data)
            for reader in (read if n % 2 == 0 else load_checkpoint, summary, check):
                began = time.monotonic()
                try:
                    with within(20):
                        reader("d.h5")
                    trials.expect(False, f"{reader.__name__} did not notice {deed} at {at}")
                except BdgError:
                    pass
                except (Exception, Late) as error:
                    trials.expect(False, f"{reader.__name__}: {type(error).__name__}: {error}")
                trials.largest("longest / s", time.monotonic() - began)


@row(
    "hostile files (links, false shapes …) × info, check, plot, rerun, measure",
    most=5 * len(DEEDS),
)
def hostile_files(trials: Trials) -> None:
    from bdg.store import save

    commands = (("info",), ("check",), ("plot",), ("rerun",), ("measure", "density"))
    for n in trials:
        with folder() as here:
            save(result(), "h.h5")
            Path("secret.txt").write_bytes(bytes(1 << 14))
            with h5py.File("secret.h5", "w") as file:
                file["delta"] = [1.0] * 34
            with h5py.File("h.h5", "r+") as file:
                DEEDS[n // 5](file, here)
            first, *rest = commands[n % 5]
            ended = bdg(first, "h.h5", *rest, before=_little_memory, within=15)
            trials.expect(
                ended.code in (2, 6),
                f"{DEEDS[n // 5].__name__} {first}: exit {ended.code} {ended.stderr[-200:]}",
            )
            trials.expect(ended.is_clean, ended.stderr[-300:])
            trials.largest("longest / s", ended.seconds)


@row("names and special files as inputs", most=60)
def names(trials: Trials) -> None:
    places = [
        "/dev/zero",
        "/dev/null",
        "/proc/self/mem",
        "/",
        "pipe",
        "",
        ".",
        "a" * 300,
        "no\nline",
        "é\udc80.h5",
        "nothing.h5",
        "folder",
    ]
    commands = [("info",), ("check",), ("run",), ("validate",), ("resume",)]
    for n in trials:
        with folder():
            os.mkfifo("pipe")
            Path("folder").mkdir()
            place, words = places[n % len(places)], commands[n // len(places)]
            ended = bdg(*words, place, within=15)
            trials.expect(
                ended.code in (2, 5, 6) and ended.is_clean,
                f"{words} {place[:20]!r}: {ended.code} {ended.stderr[-300:]}",
            )


STREAMS = {
    "a pipe that closes": "{} | head -1",
    "no stdout": "{} >&-",
    "no stderr": "{} 2>&-",
    "neither": "{} >&- 2>&-",
    "a full device": "{} > /dev/full",
    "full for errors": "{} 2> /dev/full",
    "the C locale": "LC_ALL=C {}",
    "cp1252": "PYTHONIOENCODING=cp1252 {}",
    "ascii": "PYTHONIOENCODING=ascii:strict {}",
    "no terminal": "TERM= COLUMNS=1 {} < /dev/null",
}


@row("stdout and locale of ten kinds: the result is written, the exit is the run's", most=10)
def streams(trials: Trials) -> None:
    for n in trials:
        name, pattern = list(STREAMS.items())[n]
        with folder():
            cases.write("diagonalization", interval=60)
            line = f"set -o pipefail; {pattern.format(f'{sys.executable} -m bdg run run.yaml')}"
            root = str(Path(__file__).parents[2])
            ended = subprocess.run(
                ["bash", "-c", line], env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True
            )
            trials.expect(ended.returncode == 0, f"{name}: exit {ended.returncode}: {ended.stderr[-200:]}")
            trials.expect("Traceback" not in ended.stderr, f"{name}: {ended.stderr[-300:]}")
            trials.expect(read("out.h5").status == "converged", name)
