"""The validation page: numbers of the package beside those of theory, of papers and of other packages.

``scripts/validate`` computes them and writes ``docs/validation.md``. A check is a generator of rows::

    @check(LIMITS, "Bardeen, Cooper and Schrieffer, Phys. Rev. 108, 1175 (1957)")
    def gap_ratio() -> Rows:
        \"\"\"The weak-coupling ratio of gap and T_c.\"\"\"
        yield Row("2Δ₀/T_c", 2 * pi * exp(-euler_gamma), computed, 1e-6)

The first line of its docstring is the heading, the rest stands below it. ``slow=True`` is for what takes more
than a few seconds: the tests recompute all others and compare them with the page.
"""
