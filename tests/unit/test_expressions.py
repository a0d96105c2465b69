"""Expressions: equal to Python's own evaluation, closed to everything else, errors that point."""

import math
import pickle
import re
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdg.errors import InputError
from bdg.expressions import CONSTANTS, FUNCTIONS, Expression
from bdg.expressions.grammar import MAX_LENGTH

X, Y = (axis.ravel().astype(float) for axis in np.meshgrid(range(-2, 3), range(4), indexing="ij"))

# What the functions mean, said once more, one number at a time.
MEANING = {
    **{
        name: getattr(np, name)
        for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt")
    },
    **{name: getattr(np, name) for name in ("abs", "sign", "floor", "ceil", "round", "log10", "log2")},
    **{name: getattr(np, name) for name in ("real", "imag", "conj", "angle", "hypot", "mod", "arctan2")},
    **{f"a{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{f"arc{name}": getattr(np, f"arc{name}") for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    "atan2": np.arctan2,
    "min": np.minimum,  # Python's own depend on the order where one is NaN
    "max": np.maximum,
    "where": lambda test, one, other: one if test else other,
    "erf": math.erf,
    "step": lambda value: 1.0 if value >= 0 else 0.0,
    "heaviside": lambda value, half=0.5: half if value == 0 else np.sign(value) / 2 + 0.5,
}

numbers = st.sampled_from(["0", "1", "2", "3", "0.5", "2.25", "1e-2"])
atoms = numbers | st.sampled_from(["x", "y", "x", "y", *CONSTANTS])
of_one = [
    name for name, kind in FUNCTIONS.items() if kind.fewest == 1 and name not in ("real", "imag", "angle")
]
of_two = [name for name, kind in FUNCTIONS.items() if kind.fewest == 2]


def conditions(values):
    comparison = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
    simple = st.builds("{} {} {}".format, values, comparison, values)
    chained = st.builds("{} {} {} {} {}".format, values, comparison, values, comparison, values)
    joined = st.builds("({}) {} ({})".format, simple, st.sampled_from(["and", "or"]), chained)
    return simple | chained | joined | st.builds("not ({})".format, joined)


def larger(values):
    operator = st.sampled_from(["+", "-", "*", "/", "//", "%", "**"])
    test = conditions(values)
    return st.one_of(
        st.builds("({} {} {})".format, values, operator, values),
        st.builds("{} {} {}".format, values, operator, values).map("({})".format),
        st.builds("(-{})".format, values),
        st.builds("{}({})".format, st.sampled_from(of_one), values),
        st.builds("{}({}, {})".format, st.sampled_from(of_two), values, values),
        st.builds("({} if {} else {})".format, values, test, values),
        st.builds("where({}, {}, {})".format, test, values, values),
        st.builds("({})*{}".format, test, values).map("({})".format),
    )


formulas = st.recursive(atoms, larger, max_leaves=12)
plain = st.recursive(atoms, lambda v: st.builds("{}{}{}".format, v, st.sampled_from("+-*/"), v), max_leaves=9)


def by_python(text, nudge=1.0):
    """Python's value of the same text at each site; every number a NumPy one, so that 1/0 is infinite.

    Fractions among the numbers may be nudged: ``1 // 0.01**y`` jumps between two roundings of the power.
    """
    literal = re.compile(r"(?<![\w.])(\d+\.?\d*(?:e-?\d+)?)(j?)")
    code = compile(literal.sub(r"number(\1\2)", text), "<reference>", "eval")
    known = {**MEANING, **{name: np.float64(value) for name, value in CONSTANTS.items()}}
    known["number"] = lambda value: (
        np.complex128(value)
        if isinstance(value, complex)
        else np.float64(value) * (1.0 if float(value).is_integer() else nudge)
    )
    with np.errstate(all="ignore"):
        sites = [{"x": np.float64(x), "y": np.float64(y)} for x, y in zip(X, Y, strict=True)]
        return np.array([eval(code, {"__builtins__": {}, **known}, site) for site in sites])


def agrees_with_python(text):
    expected = by_python(text)
    if not np.isfinite(expected).all():
        with pytest.raises(InputError, match="not finite"):
            Expression(text)(X, Y)
        return
    found = Expression(text)(X, Y)
    assert found.shape == X.shape
    scale = max(1.0, float(np.abs(expected).max()))
    if "//" in text or "%" in text:
        for nudge in (1 - 4e-16, 1 + 4e-16):
            other = by_python(text, nudge)
            expected = np.where(np.abs(found - other) < np.abs(found - expected), other, expected)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14 * scale)


@given(formulas | plain)
@settings(max_examples=400, deadline=None)
def test_is_what_python_makes_of_it(text):
    if len(text) <= MAX_LENGTH:
        agrees_with_python(text)


complex_atoms = st.sampled_from(["1j", "2j", "x", "y", "0.5", "pi"])
complex_formulas = st.recursive(
    complex_atoms,
    lambda values: st.one_of(
        st.builds("({} {} {})".format, values, st.sampled_from("+-*"), values),
        st.builds("{}({})".format, st.sampled_from(["conj", "real", "imag", "abs", "cos", "angle"]), values),
        st.builds("exp(1j*{})".format, complex_atoms.filter(lambda atom: "j" not in atom)),
    ),
    max_leaves=8,
)


def test_jumps_between_two_roundings_are_either():
    agrees_with_python("(1 // (1e-2 ** y))")
    agrees_with_python("(7 // (0.5 * y + 1))")


@given(complex_formulas)
@settings(max_examples=200, deadline=None)
def test_complex_numbers_too(text):
    agrees_with_python(text)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_known_to_the_reference(name):
    arguments = ", ".join(["x/8 + 1/4", "y + 1", "3"][: FUNCTIONS[name].fewest])
    if name in ("acosh", "arccosh", "log", "log2", "log10", "sqrt"):
        arguments = "abs(x) + 1"
    agrees_with_python(f"{name}({arguments})")


def test_values_by_hand():
    np.testing.assert_array_equal(Expression("1 < x <= 2 and not y > 1")(X, Y), (X == 2) & (Y <= 1))
    np.testing.assert_array_equal(Expression("-x**2 if x < 0 else 7")(X, Y), np.where(X < 0, -(X**2), 7))
    np.testing.assert_array_equal(Expression("(x > 0) + (x > 1)")(X, Y), (X > 0) * 1.0 + (X > 1))
    np.testing.assert_array_equal(Expression("2")(X, Y), np.full(20, 2.0))
    assert Expression("1j*x")(X, Y).dtype == np.complex128
    assert Expression("1/x if x != 0 else 0")(X, Y)[X == 0].tolist() == [0.0] * 4


def test_knows_its_names_and_compares_by_text():
    assert Expression("x*cos(pi*y) + x").names == {"x", "y"}
    assert Expression(" x \n + 1") == Expression("x + 1")
    assert pickle.loads(pickle.dumps(Expression("x + 1")))(X, Y)[0] == -1
    assert hash(Expression("x")) == hash(Expression("x"))


WRONG = [
    ("", "empty"),
    ("x ^ 2", "'x ^ 2' holds ^, which is not allowed; write ** for a power"),
    ("x & y", "write and"),
    (
        "2 + sn(x)",
        "in the expression '2 + sn(x)', 'sn' (character 5) is an unknown function; did you mean 'sin'?",
    ),
    ("2 + flor(x)", "did you mean 'floor'?"),
    ("exp(i*x)", "'i' (character 5) is an unknown name; write 1j"),
    ("0.5*π", "'π' (character 5) is an unknown name; write pi"),
    ("é + π", "'é' (character 1) is an unknown name"),
    ("os.system('ls')", "'os.system('ls')' is not allowed; call functions by their name"),
    ("x.real", "'x.real' is not allowed"),
    ("().__class__.__bases__[0].__subclasses__()", "is not allowed"),
    ("__import__('os')", "'__import__' (character 1) is an unknown function"),
    ("eval('1')", "'eval' (character 1) is an unknown function"),
    ("x[0]", "is not allowed"),
    ("lambda: x", "is not allowed"),
    ("[x for x in y]", "is not allowed"),
    ("(x := 3)", "is not allowed"),
    ("{1: x}", "is not allowed"),
    ("x, y", "is not allowed"),
    ("f'{x}'", "is not allowed"),
    ("(yield)", "is not allowed"),
    ("...", "is no number"),
    ("None", "is no number"),
    ("True", "is no number; write 1"),
    ("'x'*3", "is no number"),
    ("min(x)", "has 1 argument; min takes 2 to 10"),
    ("sin(x, y)", "has 2 arguments; sin takes 1"),
    ("sin(*x)", "one after another"),
    ("sin(x=1)", "one after another"),
    ("round(x, **y)", "one after another"),
    ("sin", "a function without its argument; write sin(…)"),
    ("x(3)", "calls x, which is a number"),
    ("x is y", "is no comparison"),
    ("x in y", "is no comparison"),
    ("x = 3", "a single '=' at character 3; write == to compare"),
    ("2x", "a number runs into a name"),
    ("1if x else 2", "a number runs into a name"),
    ("(x", "never closed"),
    ("x +", "no formula"),
    ("x; y", "no formula"),
    ("import os", "no formula"),
    ("x @ y", "not allowed"),
    ("x << 9", "not allowed"),
    ("~x", "write not"),
    ("\x00", "no formula"),
    ("1e999", "'1e999' is too large"),
    ("9" * 900, "is too large"),
    ("1e999j", "is too large"),
    ("x" * 5000, "5000 characters, more than 1000"),
    ("(" * 400 + "x" + ")" * 400, "no formula"),
    ("-" * 900 + "x", "nested too deep"),
    ("x" + "+x" * 400, "nested too deep"),
    ("abs(" * 150 + "x" + ")" * 150, "nested too deep"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_is_refused_in_one_line_that_points_at_the_piece(text, words):
    with pytest.raises(InputError) as caught:
        Expression(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


AT_THE_SITES = [
    ("z + 1", "'z' (character 1) is not a coordinate of this lattice, which has 2; use x and y"),
    ("1/x", "'1/x' is not finite (inf) at the position (0, 0)"),
    ("sqrt(x - 1)", "is not finite (nan) at the position (-2, 0)"),
    ("log(y)", "is not finite (-inf) at the position (-2, 0)"),
    ("9**9**9", "not finite (inf)"),
    ("10**10**10**10", "not finite (inf)"),
    ("exp(exp(exp(exp(9))))", "not finite (inf)"),
    ("x < 1j", "wants real numbers and gets complex ones; take real(…)"),
    ("min(x, 1j)", "wants real numbers"),
    ("1j % 2", "wants real numbers"),
]


@pytest.mark.parametrize(("text", "words"), AT_THE_SITES)
def test_what_only_the_sites_tell_is_refused_there(text, words):
    expression = Expression(text)
    start = time.process_time()
    with pytest.raises(InputError, match=re.escape(words)):
        expression(X, Y)
    assert time.process_time() - start < 1.0


@given(
    st.text(max_size=80) | st.text(alphabet="xyz0123456789.ej+-*/%^<>=!()[],:'\" andorifels_", max_size=80)
)
@settings(max_examples=500, deadline=None)
def test_any_text_gives_numbers_or_one_line(text):
    outcome = outcome_of(text)
    if isinstance(outcome, InputError):
        assert "\n" not in str(outcome)
    else:
        assert outcome.shape == X.shape
        assert np.isfinite(outcome).all()


def outcome_of(text):
    try:
        return Expression(text)(X, Y)
    except InputError as error:
        return error


def test_reading_one_imports_no_numpy():
    code = "import sys, bdg.expressions as e; e.Expression('sin(x)'); print('numpy' in sys.modules)"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout == "False\n"
