"""Print pole counts, measured errors and building times of the rational expansions."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from bdg.errors import InputError
from bdg.rational import Expansion, finite_temperature, sign_expansion, tanh_expansion, zero_temperature

TOLERANCES = (1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12)
RATIOS = (1e-2, 1.0, 10.0, 200.0, 1e3, 1e4, 1e5, 1e6, 1e8)
REPEATS = 5


def cell(make: Callable[[], Expansion], forget: Callable[[], None]) -> str:
    """Poles, measured error and the best time of a build from nothing."""
    times = []
    for _ in range(REPEATS):
        forget()
        start = perf_counter()
        try:
            expansion = make()
        except InputError:
            return f"{'unreachable':>20}"
        times.append(perf_counter() - start)
    return f"{expansion.n_poles:4d} {expansion.error:.0e} {1e3 * min(times):4.1f} ms"


def forget() -> None:
    for module in (finite_temperature, zero_temperature):
        module._scaled.cache_clear()
        module._unit.cache_clear()


def table(title: str, ratios: tuple[float, ...], make: Callable[[float, float], Expansion]) -> None:
    print(title)
    print(" " * 8 + "".join(f"{tolerance:>20.0e}" for tolerance in TOLERANCES))
    for ratio in ratios:
        cells = (cell(lambda r=ratio, t=tolerance: make(r, t), forget) for tolerance in TOLERANCES)
        print(f"{ratio:8.0e}" + "".join(f"{text:>20}" for text in cells))


if __name__ == "__main__":
    table(
        "tanh(x/2T): poles, error, time by bound/T and tolerance",
        RATIOS,
        lambda r, t: tanh_expansion(1.0, r, t),
    )
    table("sign(x), by bound/gap", RATIOS[2:], lambda r, t: sign_expansion(1.0, r, t))
    print("tanh(x/2T) at bound/T = 180")
    reached: dict[int, Expansion] = {}
    for exponent in range(4, 49):
        expansion = tanh_expansion(1.0, 180.0, 10.0 ** (-exponent / 4))
        reached.setdefault(expansion.n_poles, expansion)
    print("  ".join(f"{poles}: {expansion.error:.1e}" for poles, expansion in reached.items()))
