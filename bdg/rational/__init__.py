r"""Pole expansions of tanh(x/2T) and sign(x): how a Fermi function becomes a few matrix inverses.

tanh(x/2T) ≈ r(x) = c·x + Σ_p w_p x/(x² + γ_p²) for |x| ≤ bound, so that, with Herm M = (M + M†)/2::

    f(H) = ½ − ½ [ c·H + Σ_p w_p · Herm (H − iγ_p)⁻¹ ]
    Σ_n T ln 2cosh(E_n/2T) = (T ln 2 + b)·dim + (c/4) tr H² + ½ Σ_p w_p ( ln|det(H − iγ_p)| − dim·ln γ_p )

`tanh_expansion` serves T > 0 (b = 0); `sign_expansion` serves T = 0 for spectra with a gap.  Both are best
approximations: no sum of this form with fewer poles stays within the tolerance on the expansion's ``bound``
(the one asked for, rounded up by at most 4 % so that drifting bounds share an expansion).  All γ_p, w_p and c
are positive, so |r| is the sum of its terms' sizes and evaluating it magnifies no rounding.  The error is
measured, on a grid that resolves every scale, with each of its maxima refined.

Poles that `tanh_expansion` needs, by bound/T and tolerance (``scripts/bench expansions``)::

    bound/T    1e-2   1e-4   1e-6   1e-8   1e-10  1e-12
    1e-2          0      0      0      1      1      1
    1             0      1      1      2      2      2
    10            2      2      3      4      4      5
    200           3      5      7      9     11     13
    1e3           4      7     10     12     15     17
    1e4           6     10     13     17     21     24
    1e5           7     12     17     22     26     31
    1e6           8     15     21     26     32     38
    1e8          11     20     28     36     43     51

and `sign_expansion`, by bound/gap::

    10            2      4      6      7      9     11
    200           4      7     10     13     17     20
    1e3           5      9     13     17     21     24
    1e4           6     11     16     21     26     31
    1e6           9     16     23     31     38     45
    1e8          12     21     31     40     49     58

A new expansion takes 1 to 20 ms on one core, the longest at bound/T = 1e8; later calls find it in a cache.
Double precision reaches 5e-14 at every bound/T up to 1e8 and every bound/gap up to 1e10; below that, what
rounding forbids is refused.
"""

from bdg.rational.expansion import Expansion, fermi, log_trace, log_trace_from_determinants
from bdg.rational.finite_temperature import WIDEST, tanh_expansion
from bdg.rational.zero_temperature import sign_expansion

__all__ = [
    "WIDEST",
    "Expansion",
    "fermi",
    "log_trace",
    "log_trace_from_determinants",
    "sign_expansion",
    "tanh_expansion",
]
