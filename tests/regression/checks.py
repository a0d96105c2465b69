"""The numbers that a worked example promises: the ``Check`` lines below its "Expect".

::

    # Check: EXPRESSION = VALUE [± TOLERANCE]
    # Check with KEY=VALUE [KEY=VALUE ...]: EXPRESSION = VALUE [± TOLERANCE]

VALUE stands in the text of "Expect"; a unit or a percent sign may follow it. Without a tolerance the
expression has its printed digits: it is within 0.6 of a unit of the last one. The second form is of a run
with ``--set KEY=VALUE``; a KEY=VALUE with spaces is quoted as in a shell. What three spaces indent
belongs to the line above. EXPRESSION is Python over

- the quantities of the result by name, ``delta`` (the order parameter of each site), ``mu``, ``iterations``,
  ``warnings`` (how many); ``x``, ``y``, ``z`` of the cell of each site,
- ``best``, the lowest Ω or F of several starts, ``energy("NAME")``, that of one of them,
- ``at(QUANTITY, x, y[, orbital])``, the values at a site, ``at(QUANTITY, energy=0)``, those at a coordinate,
- ``where(QUANTITY)``, the coordinates of the only axis of its own, ``note(QUANTITY, "NAME")``, an attribute,
- ``abs argmax argmin isfinite max mean min real sort sqrt sum`` of numpy and ``pi``.

``python -m tests.regression.checks CONFIG RESULT`` prints whether the checks of a configuration hold in a
result of it.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import numpy as np

import bdg
from bdg.observables import Quantity

LINE = re.compile(r"# Check(?: with (?P<settings>.+))?: (?P<expression>.+) = (?P<promise>.+)")
NUMBER = r"[-−+]?\d+(?:\.\d+)?(?:e[-−]?\d+)?"
PROMISE = re.compile(rf"(?P<value>{NUMBER})(?: ± (?P<tolerance>{NUMBER}))?(?: (?P<unit>[^\d±].*)|%)?")
WORDS = ("no", "one", "two", "three", "four", "five", "six")
ROUNDING = 0.6
"""How far a number may be from the one that is printed, in units of its last digit."""
FUNCTIONS = ("abs", "argmax", "argmin", "isfinite", "max", "mean", "min", "real", "sort", "sqrt", "sum")


def number(text: str) -> Decimal:
    """A number with a hyphen or a minus sign."""
    return Decimal(text.replace("−", "-"))


@dataclass(frozen=True)
class Check:
    """One line: what is calculated of which run, and what it is."""

    settings: tuple[str, ...]
    expression: str
    value: Decimal
    margin: float | None

    @classmethod
    def read(cls, line: str) -> Check:
        match = LINE.fullmatch(line)
        promise = match and PROMISE.fullmatch(match["promise"])
        if not promise:
            raise ValueError(f"not of the form '# Check: EXPRESSION = VALUE [± TOLERANCE]': {line}")
        compile(match["expression"], "<check>", "eval")
        margin = promise["tolerance"] and float(number(promise["tolerance"]))
        settings = tuple(shlex.split(match["settings"] or ""))
        return cls(settings, match["expression"], number(promise["value"]), margin)

    @property
    def tolerance(self) -> float:
        """How far the result may be off."""
        return ROUNDING * 10.0 ** self.value.as_tuple().exponent if self.margin is None else self.margin

    def measured(self, result: bdg.Result) -> float:
        """The expression in a result of the run that it is of."""
        found = eval(self.expression, {"__builtins__": {}}, names(result))
        return float(np.asarray(found).item())

    def failure(self, result: bdg.Result) -> str:
        """What the result has instead, or nothing."""
        found = self.measured(result)
        if abs(found - float(self.value)) <= self.tolerance:
            return ""
        return f"{self.expression} = {found:.10g}, not {self.value} ± {self.tolerance:.2g}"

    def stands_in(self, text: str) -> bool:
        """Whether a text has the value, in digits or as a word; of zero it may have how close it is."""
        numbers = {number(found) for found in re.findall(rf"(?<![\w.]){NUMBER}", text)}
        numbers |= {Decimal(WORDS.index(word)) for word in re.findall(r"\w+", text.lower()) if word in WORDS}
        is_small = self.value == 0 and self.margin is not None and Decimal(str(self.margin)) in numbers
        return self.value in numbers or is_small


class Values(Quantity):
    """A quantity of which expressions may take a part: ``lowest_levels[0]``."""

    def __getitem__(self, index: int | tuple[int, ...]) -> np.ndarray:
        return self.values[index]

    @classmethod
    def of(cls, quantity: Quantity) -> Values:
        return cls(**{one.name: getattr(quantity, one.name) for one in fields(quantity)})


def names(result: bdg.Result) -> dict[str, object]:
    """What an expression may use."""
    sample, starts = result.sample, {start.name: start for start in result.starts}
    delta = Values(result.fields.delta, ("site",), "t", "order parameter")

    def at(quantity: Quantity, *place: int, **coordinates: float) -> np.ndarray:
        index: dict[str, int] = {}
        if place:
            dim = next(dim for dim in quantity.dims if dim.endswith("site"))
            site = sample.site_at(place)
            index[dim] = site if dim == "site" else list(quantity.coords[dim].values).index(site)
        for dim, value in coordinates.items():
            away = np.abs(quantity.coords[dim].values - value)
            if away.min() > 1e-9:
                raise ValueError(f"{quantity.long_name} has no {dim} {value}")
            index[dim] = int(away.argmin())
        return quantity.values[tuple(index.get(dim, slice(None)) for dim in quantity.dims)]

    def where(quantity: Quantity) -> np.ndarray:
        (coordinate,) = quantity.coords.values()
        return coordinate.values

    def note(quantity: Quantity, name: str) -> object:
        return quantity.attributes[name]

    return {
        **{name: getattr(np, name) for name in FUNCTIONS},
        **{name: Values.of(quantity) for name, quantity in result.quantities().items()},
        "pi": np.pi,
        "delta": delta,
        "mu": result.fields.mu,
        **dict(zip("xyz", sample.cells.T, strict=False)),
        "iterations": len(result.history),
        "warnings": len(result.warnings),
        "best": min((float(start.energy) for start in starts.values()), default=np.nan),
        "energy": lambda name: float(starts[name].energy),
        "at": at,
        "where": where,
        "note": note,
    }


def header(config: Path) -> list[str]:
    """The lines of comment that a configuration begins with, continuations joined."""
    lines = config.read_text(encoding="utf-8").splitlines()
    comments = takewhile(lambda line: line.startswith("#"), lines)
    return re.sub(r"\n#   +", " ", "\n".join(comments)).splitlines()


def checks(config: Path) -> list[Check]:
    """The checks in a header."""
    return [Check.read(line) for line in header(config) if line.startswith("# Check")]


def expected(config: Path) -> str:
    """The text of "Expect" in a header."""
    text = "\n".join(line for line in header(config) if not line.startswith("# Check"))
    return " ".join(text.partition("# Expect: ")[2].replace("\n# ", " ").split())


def main(config: str, result: str) -> int:
    """Print whether the checks of the file as it stands hold; 0 if they do."""
    mine = [check for check in checks(Path(config)) if not check.settings]
    found = bdg.load(result)
    failures = [failure for check in mine if (failure := check.failure(found))]
    print("\n".join([f"{len(mine) - len(failures)} of {len(mine)} numbers as expected", *failures]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
