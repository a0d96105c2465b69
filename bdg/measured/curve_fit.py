"""A fit of any simulated curve to a measured one by nonlinear least squares, with confidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError
from bdg.measured.confidence import confidence

STEP = 1e-3
"""Step of the central differences, in units of a parameter's scale.

Curves are known to some 1e-8, so that derivatives are to 1e-5.
"""

Curve = Callable[[Mapping[str, float]], Floats]
"""A spectrum at the measured biases from values of parameters; NaN where there is none."""


@dataclass(frozen=True)
class Varied:
    """A parameter that is fitted.

    Parameters
    ----------
    name
        A key of a configuration, or any other name.
    start
        The first value.
    low, high
        Bounds.
    scale
        By how much it may be expected to change; by default the size of the first value.
    """

    name: str
    start: float
    low: float = -np.inf
    high: float = np.inf
    scale: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite([self.start, self.scale]).all() or not self.low < self.high:
            raise InputError(f"{self.name}: a start and bounds are numbers, the lower bound first")
        if not self.low <= self.start <= self.high:
            raise InputError(
                f"{self.name}: the fit starts at {self.start:g}, outside of its bounds {self.low:g} and"
                f" {self.high:g}; give another start"
            )

    @property
    def unit(self) -> float:
        """The scale."""
        reach = self.high - self.low
        return self.scale or abs(self.start) or (0.1 * reach if np.isfinite(reach) else 1.0)


@dataclass(frozen=True, eq=False)
class CurveFit:
    """A fit of (a + bV) g(V; p) to a measured curve.

    Parameters
    ----------
    values
        The parameters p by name, then ``level`` a and ``slope`` b.
    intervals
        Half widths of the 95 % intervals of those that were fitted, Student's, of independent noise with the
        size of the residuals; infinite of one that the curve does not determine.
    correlation
        Of those, shape ``(n_fitted, n_fitted)``, in the order of ``intervals``.
    biases, measured, curve
        V, what was measured there, and the fit.
    residual
        Root of the mean square of what the fit leaves, in the unit of ``measured``.
    warnings
        Which parameters the curve does not determine, and those that ended at a bound.
    evaluations
        How many curves were computed.
    """

    values: dict[str, float]
    intervals: dict[str, float]
    correlation: Floats
    biases: Floats
    measured: Floats
    curve: Floats
    residual: float
    warnings: tuple[str, ...] = ()
    evaluations: int = 0

    @property
    def residuals(self) -> Floats:
        """Measured less fitted, shape ``(n_biases,)``."""
        return self.measured - self.curve

    def __repr__(self) -> str:
        """``interaction.onsite = 2.51 ± 0.02, …``."""
        widths = {name: f" ± {width:.2g}" for name, width in self.intervals.items()}
        return ", ".join(f"{name} = {value:.6g}{widths.get(name, '')}" for name, value in self.values.items())


def fit_curve(
    curve: Curve,
    parameters: Sequence[Varied],
    biases: Floats,
    measured: Floats,
    *,
    level: float | None = None,
    slope: float | None = 0.0,
    watch: Callable[[Mapping[str, float], float], object] = lambda values, residual: None,
) -> CurveFit:
    """Fit (a + bV) g(V; p) to a measured curve.

    Least squares by the trust-region method of Branch, Coleman and Li, SIAM J. Sci. Comput. 21, 1 (1999).

    Parameters
    ----------
    curve
        g from the values of p, shape ``(n_biases,)``, in any unit. Derivatives are central differences, so
        it should be smooth to 1e-7 of its size. Where it is NaN the fit takes a smaller step.
    parameters
        p.
    biases, measured
        V and what was measured, shape ``(n_biases,)``.
    level, slope
        a and b where they are known; ``None`` to fit them.
    watch
        Called with the values and the root of the mean square of the residuals of each trial.

    Raises
    ------
    InputError
        If there are more parameters than points allow, or some points are not finite.
    NumericalError
        If the first curve is none, or the fit does not converge.
    """
    from scipy.optimize import least_squares  # slow to import, rarely needed

    problem = _Problem(curve, tuple(parameters), *_checked(biases, measured), level, slope, watch)
    problem.require_points()
    start = problem.start()
    low, high = problem.bounds
    found = least_squares(
        problem.residual, np.clip(start, low, high), problem.jacobian, bounds=(low, high), x_scale="jac",
        xtol=1e-6, ftol=1e-7, gtol=1e-10,
    )  # fmt: skip
    if not found.success:
        raise NumericalError(f"the fit does not converge: {found.message}")
    return problem.fit(found.x, found.jac)


def _checked(biases: Floats, measured: Floats) -> tuple[Floats, Floats]:
    biases, measured = np.asarray(biases, float), np.asarray(measured, float)
    if biases.shape != measured.shape or biases.ndim != 1:
        raise InputError(f"a spectrum has as many values as biases, not {measured.shape} and {biases.shape}")
    if not (np.isfinite(biases).all() and np.isfinite(measured).all()):
        raise InputError("the spectrum holds a value that is not finite (NaN or infinity); leave it out")
    if not measured.any():
        raise InputError("the spectrum is zero everywhere; give another channel")
    return biases, measured


@dataclass
class _Problem:
    """Residuals and their derivatives by the parameters, in units of their scales."""

    model: Curve
    parameters: tuple[Varied, ...]
    biases: Floats
    measured: Floats
    level: float | None
    slope: float | None
    watch: Callable[[Mapping[str, float], float], object]
    evaluations: int = 0
    last: dict[bytes, Floats] = field(default_factory=dict)

    @property
    def free(self) -> tuple[str, ...]:
        """Names of what is fitted, in order."""
        linear = [name for name, one in (("level", self.level), ("slope", self.slope)) if one is None]
        return (*(one.name for one in self.parameters), *linear)

    def require_points(self) -> None:
        """Refuse what the points can't determine."""
        names = self.free
        if len(set(names)) < len(names):
            raise InputError("a parameter is named twice; remove one")
        if not self.parameters:
            raise InputError("nothing is varied; name a parameter")
        if len(names) >= len(self.biases):
            raise InputError(
                f"{len(self.biases)} points do not determine {len(names)} parameters"
                f" ({', '.join(names)}) and their errors; vary fewer, or give more points"
            )

    @property
    def reach(self) -> float:
        """The largest bias."""
        return float(np.abs(self.biases).max()) or 1.0

    def start(self) -> Floats:
        """The first values, a and b the best for them."""
        first = np.array([one.start / one.unit for one in self.parameters])
        form = self.form(first)
        if not np.isfinite(form).all():
            raise NumericalError("there is no curve at the first values; start the fit elsewhere")
        self.size = float(np.abs(self.measured).max())
        columns, rest = [], self.measured / self.size
        for known, column in ((self.level, form), (self.slope, form * self.biases / self.reach)):
            if known is None:
                columns.append(column)
            else:
                scale = 1.0 if column is form else self.reach
                rest = rest - known * scale * column / self.size
        if not columns:
            return first
        matrix = np.stack(columns, axis=1)
        return np.concatenate([first, np.linalg.lstsq(matrix, rest, rcond=None)[0]])

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Of the scaled parameters; none of a and b."""
        open_ = [np.inf] * (len(self.free) - len(self.parameters))
        low = np.array([*(one.low / one.unit for one in self.parameters), *(-one for one in open_)])
        high = np.array([*(one.high / one.unit for one in self.parameters), *open_])
        return low, high

    def form(self, point: Floats) -> Floats:
        """The curve g at scaled parameters."""
        key = point.tobytes()
        if key not in self.last:
            self.evaluations += 1
            values = {p.name: float(one * p.unit) for p, one in zip(self.parameters, point, strict=True)}
            found = np.asarray(self.model(values), float)
            if found.shape != self.biases.shape:
                raise InputError(f"a curve has the shape {found.shape}, the measured one {self.biases.shape}")
            self.last = {key: found}
        return self.last[key]

    def line(self, point: Floats) -> tuple[Floats, Floats]:
        """Parameters of g, and a + bV in units of the largest measured value."""
        count, linear = len(self.parameters), [*point[len(self.parameters) :]]
        level = linear.pop(0) if self.level is None else self.level / self.size
        slope = linear.pop(0) if self.slope is None else self.slope * self.reach / self.size
        return point[:count], level + slope * self.biases / self.reach

    def residual(self, point: Floats) -> Floats:
        """Fitted less measured, in units of the largest measured value."""
        inner, line = self.line(point)
        form = self.form(inner)
        found = line * form - self.measured / self.size
        values = {p.name: float(one * p.unit) for p, one in zip(self.parameters, inner, strict=True)}
        self.watch(values, float(self.size * np.sqrt(np.mean(found**2))))
        return found

    def jacobian(self, point: Floats) -> Floats:
        """Derivatives of the residuals, by central differences, at a bound by the one side."""
        inner, line = self.line(point)
        form, columns = self.form(inner), []
        for n, one in enumerate(self.parameters):
            ends = np.clip(inner[n] + np.array([-STEP, STEP]), one.low / one.unit, one.high / one.unit)
            below, above = (self.form(np.where(np.arange(len(inner)) == n, end, inner)) for end in ends)
            columns.append(line * (above - below) / (ends[1] - ends[0]))
        columns += [form] if self.level is None else []
        columns += [form * self.biases / self.reach] if self.slope is None else []
        matrix = np.stack(columns, axis=1)
        if not np.isfinite(matrix).all():
            raise NumericalError(
                "there is no curve beside the values of the fit; give bounds, or other starts"
            )
        return matrix

    def fit(self, point: Floats, jacobian: Floats) -> CurveFit:
        """What was found."""
        inner, line = self.line(point)
        curve = self.size * line * self.form(inner)
        left = self.measured - curve
        judged = confidence(jacobian, left / self.size, float(np.linalg.norm(curve)) / self.size)
        tail = {"level": self.size, "slope": self.size / self.reach}
        scales = [*(one.unit for one in self.parameters), *(tail[one] for one in self.free[len(inner) :])]
        fitted = dict(zip(self.free, point * scales, strict=True))
        linear = {"level": self.level, "slope": self.slope}
        values = {**{name: one for name, one in linear.items() if one is not None}, **fitted}
        order = [*(one.name for one in self.parameters), "level", "slope"]
        return CurveFit(
            {name: float(values[name] or 0.0) for name in order},
            {n: float(w) for n, w in zip(self.free, judged.half_widths * scales, strict=True)},
            judged.correlation,
            self.biases,
            self.measured,
            curve,
            float(np.sqrt(np.mean(left**2))),
            tuple(self._warnings(inner, judged.half_widths, judged.silent)),
            self.evaluations,
        )

    def _warnings(self, inner: Floats, widths: Floats, silent: NDArray[np.bool_]) -> list[str]:
        lines = [
            f"{name} does not change the curve" for name, one in zip(self.free, silent, strict=True) if one
        ]
        alike = np.isinf(widths) & ~silent
        together = [name for name, one in zip(self.free, alike, strict=True) if one]
        lines += [f"{' and '.join(together)} change the curve alike: fix one"] if together else []
        for one, value in zip(self.parameters, inner, strict=True):
            ends = [end for end in (one.low, one.high) if abs(value - end / one.unit) < 1e-6]
            lines += [
                f"{one.name} ended at its bound {end:g}, where its interval means little" for end in ends
            ]
        return lines
