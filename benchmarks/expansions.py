"""Pole counts, measured errors and building times of the rational expansions."""

from __future__ import annotations

from collections.abc import Callable

from bdg.errors import InputError
from bdg.rational import Expansion, finite_temperature, sign_expansion, tanh_expansion, zero_temperature
from benchmarks.scale import Scale, pick
from benchmarks.table import Row, Table
from benchmarks.timing import best

RATIOS = (1e-2, 1.0, 10.0, 200.0, 1e3, 1e4, 1e5, 1e6, 1e8)
TOLERANCES = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12)


def measure(scale: Scale) -> list[Table]:
    """By the ratio of the bound of the spectrum to T or to the gap, and by tolerance."""
    ratios = pick(scale, (200.0,), RATIOS)
    return [
        _table("tanh(x/2T), by bound/T and tolerance", ratios, tanh_expansion),
        _table("sign(x), by bound/gap", ratios[2:] or ratios, lambda _, r, t: sign_expansion(1.0, r, t)),
        _errors_by_poles(pick(scale, 6, 49)),
    ]


def _table(title: str, ratios: tuple[float, ...], make: Callable[[float, float, float], Expansion]) -> Table:
    rows: list[Row] = []
    for ratio in ratios:
        row: Row = {"ratio": f"{ratio:.0e}"}
        for tolerance in TOLERANCES:
            row[f"{tolerance:.0e}"] = _cell(lambda r=ratio, t=tolerance: make(1.0, r, t))  # type: ignore[misc]
        rows.append(row)
    return Table(title, rows, ["poles, measured error, best time of a build from nothing"])


def _cell(make: Callable[[], Expansion]) -> str:
    def build() -> None:
        for module in (finite_temperature, zero_temperature):
            module._scaled.cache_clear()
            module._unit.cache_clear()
        make()

    try:
        expansion = make()
    except InputError:
        return "unreachable"
    return f"{expansion.n_poles} {expansion.error:.0e} {1e3 * best(build, runs=5, spend=0.0):.1f} ms"


def _errors_by_poles(exponents: int) -> Table:
    reached: dict[int, Expansion] = {}
    for exponent in range(4, exponents):
        expansion = tanh_expansion(1.0, 180.0, 10.0 ** (-exponent / 4))
        reached.setdefault(expansion.n_poles, expansion)
    rows: list[Row] = [{"poles": poles, "error": f"{e.error:.1e}"} for poles, e in reached.items()]
    return Table("tanh(x/2T) at bound/T = 180", rows)
