"""Jacobi's sc = sn/cn for moduli so close to one that 1 − k² cannot be formed in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Below this complementary modulus the theta series of the *other* nome converge faster.
_THETA_BELOW = 0.7
_THETA_TERMS = 7


def quarter_periods(kappa: float) -> tuple[float, float]:
    """Complete elliptic integrals K(1 − κ²) and K(κ²), parameters m = k².

    Parameters
    ----------
    kappa
        Complementary modulus, 0 < κ < 1; may be as small as 1e-150.

    Returns
    -------
    tuple of float
        K(m = 1 − κ²) and K(m = κ²).
    """
    from scipy.special import ellipk, ellipkm1  # late: only expansions in poles need it

    return float(ellipkm1(kappa**2)), float(ellipk(kappa**2))


def sc(fraction: NDArray[np.float64], kappa: float) -> NDArray[np.float64]:
    """Return sn/cn at u = fraction · K, parameter m = 1 − κ², to full relative accuracy.

    Jacobi's imaginary transformation, sc(u|1−κ²) = −i sn(iu|κ²), and sn = θ₃θ₁(ζ)/(θ₂θ₄(ζ)) turn the
    function into hyperbolic theta series whose nome exp(−πK(1−κ²)/K(κ²)) is tiny where κ is.

    Parameters
    ----------
    fraction
        Arguments u/K in [0, 1), any shape.
    kappa
        Complementary modulus, 0 < κ < 1.

    Returns
    -------
    numpy.ndarray
        sc at each argument; same shape.

    References
    ----------
    .. [1] NIST Digital Library of Mathematical Functions, 20.2(i) and 22.2.4 (theta functions), 22.6(iv)
       (imaginary argument), table 22.4.3 (K − u).
    """
    fraction = np.asarray(fraction, dtype=float)
    # sc(K − u) = 1 / (κ sc(u)): the upper half would lose digits next to its pole at u = K.
    upper = fraction > 0.5
    value = _sc_lower(np.where(upper, 1.0 - fraction, fraction), kappa)
    with np.errstate(divide="ignore"):
        return np.where(upper, 1.0 / (kappa * value), value)


def _sc_lower(fraction: NDArray[np.float64], kappa: float) -> NDArray[np.float64]:
    """Return sc for u ≤ K/2, where neither series cancels."""
    period, other = quarter_periods(kappa)
    if kappa > _THETA_BELOW:
        from scipy.special import ellipj

        sn, cn, _, _ = ellipj(fraction * period, 1.0 - kappa**2)
        return np.asarray(sn / cn)
    log_nome = -np.pi * period / other
    zeta = (0.5 * np.pi * period / other) * fraction
    theta1, theta4 = np.zeros_like(zeta), np.ones_like(zeta)
    theta2, theta3 = 0.0, 1.0
    for term in range(_THETA_TERMS):
        sign = 1.0 - 2.0 * (term % 2)
        half = np.exp(log_nome * (term * (term + 1)))  # q^{(n+½)²}; the common q^{¼} cancels against θ₂'s
        theta1 += 2.0 * sign * half * np.sinh((2 * term + 1) * zeta)
        theta2 += 2.0 * half
        if term:
            whole = np.exp(log_nome * term**2)
            theta3 += 2.0 * whole
            # cosh is kept next to its factor: alone it could overflow where the factor underflows.
            theta4 += sign * (np.exp(log_nome * term**2 + 2 * term * zeta) + whole * np.exp(-2 * term * zeta))
    return np.asarray(theta3 * theta1 / (theta2 * theta4))
