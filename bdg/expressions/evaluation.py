"""The numbers of a checked expression, computed with NumPy for all sites at once.

Everything is a float or a complex number, so that no power can grow without bound: what overflows is
infinite. Comparisons and ``and``, ``or``, ``not`` give 1 and 0.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from bdg.expressions.grammar import FUNCTIONS, refuse

Value = Any  # a NumPy scalar or array, float or complex

_ARITHMETIC: dict[type[ast.AST], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type[ast.AST], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_NEED_REAL = (ast.FloorDiv, ast.Mod, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def evaluate(node: ast.expr, text: str, names: Mapping[str, Value]) -> Value:
    """The value of a tree from :func:`bdg.expressions.grammar.parse`.

    Parameters
    ----------
    node
        The tree, or a piece of it.
    text
        The expression, for errors.
    names
        Value of each coordinate and constant.

    Raises
    ------
    InputError
        If something that takes real numbers only is given complex ones.
    """

    def value(piece: ast.expr) -> Value:
        return evaluate(piece, text, names)

    match node:
        case ast.Constant(value=complex() as number):
            return np.complex128(number)
        case ast.Constant(value=int() | float() as number):
            return np.float64(number)
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _number(value(operand) == 0)
        case ast.UnaryOp(op=sign, operand=operand):
            return -value(operand) if isinstance(sign, ast.USub) else value(operand)
        case ast.BinOp(left=left, op=operation, right=right):
            pair = value(left), value(right)
            _require_real(operation, pair, node, text)
            return _ARITHMETIC[type(operation)](*pair)
        case ast.BoolOp(op=operation, values=operands):
            join = np.logical_and if isinstance(operation, ast.And) else np.logical_or
            return _number(reduce(join, (value(operand) != 0 for operand in operands)))
        case ast.Compare(left=left, ops=operations, comparators=others):
            return _chain(operations, [value(piece) for piece in (left, *others)], node, text)
        case ast.IfExp(test=test, body=body, orelse=other):
            return np.where(value(test) != 0, value(body), value(other))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            values = [value(argument) for argument in arguments]
            if FUNCTIONS[name].is_real and any(map(np.iscomplexobj, values)):
                _refuse_complex(node, text)
            return _function(FUNCTIONS[name].name)(*values)
    raise AssertionError(f"{ast.dump(node)} passed the check")


def _chain(operations: list[ast.cmpop], values: list[Value], node: ast.expr, text: str) -> Value:
    """``a < b <= c`` is ``a < b and b <= c``."""
    links = []
    for operation, left, right in zip(operations, values, values[1:], strict=False):
        _require_real(operation, (left, right), node, text)
        links.append(_COMPARISONS[type(operation)](left, right))
    return _number(reduce(np.logical_and, links))


def _number(truth: Value) -> Value:
    return np.where(truth, 1.0, 0.0)


def _require_real(operation: ast.AST, values: tuple[Value, ...], node: ast.expr, text: str) -> None:
    if isinstance(operation, _NEED_REAL) and any(map(np.iscomplexobj, values)):
        _refuse_complex(node, text)


def _refuse_complex(node: ast.expr, text: str) -> None:
    refuse(text, node, "wants real numbers and gets complex ones", "take real(…), imag(…) or abs(…) of them")


def _function(name: str) -> Callable[..., Value]:
    return _OWN[name] if name in _OWN else getattr(np, name)


def _erf(value: Value) -> Value:
    from scipy.special import erf  # slow to import, and rarely wanted

    return erf(value)


_OWN: dict[str, Callable[..., Value]] = {
    "least": lambda *values: reduce(np.minimum, values),
    "greatest": lambda *values: reduce(np.maximum, values),
    "where": lambda test, one, other: np.where(test != 0, one, other),
    "step": lambda value: _number(value >= 0),
    "heaviside": lambda value, at_zero=0.5: np.heaviside(value, at_zero),
    "erf": _erf,
}
"""Functions that NumPy has in another form, or not at all."""
