"""Features of one's own as expressions over others: a small language, read by its own rules and never run as code.

`+ - * /` and unary minus, numbers, names of features, and the functions of
`FUNCTIONS`. A quotient is NaN where it divides by zero, and so is all that is
no finite number.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from features.errors import UsageError
from features.fixed import Floats

Values = Mapping[str, Floats]
Evaluate = Callable[[Values], Floats]

_LONGEST = 500


def _quotient(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(top / np.where(bottom == 0, np.nan, bottom))


def _filled(value: Floats, other: Floats) -> Floats:
    return np.where(np.isnan(value), other, value)


FUNCTIONS: dict[str, tuple[int, Callable[..., Floats]]] = {
    "ratio": (2, _quotient),
    "change": (2, lambda now, then: _quotient(now - then, np.abs(now) + np.abs(then))),
    "min": (2, np.minimum),
    "max": (2, np.maximum),
    "fill": (2, _filled),
    "abs": (1, np.abs),
    "sqrt": (1, np.sqrt),
    "log1p": (1, np.log1p),
}
"""What may be called, with the number of arguments: `fill(a, b)` is b where a is NaN, `change` is in [-1, 1]."""

_OPERATORS: dict[type[ast.operator], Callable[..., Floats]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _quotient,
}
_ALLOWED = f"+ - * /, numbers, names of features, {', '.join(FUNCTIONS)}"


@dataclass(frozen=True)
class Expression:
    """An expression that was read.

    Attributes:
        text: as it was written.
        names: features it is made from.
    """

    text: str
    names: frozenset[str]
    _evaluate: Evaluate

    @classmethod
    def of(cls, text: str) -> "Expression":
        """Read an expression.

        Raises:
            UsageError: it is none, or holds what the language does not have.
        """
        if len(text) > _LONGEST:
            raise _refused(f"{len(text)} characters", f"at most {_LONGEST} characters")
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise _refused(text, _ALLOWED) from None
        names: set[str] = set()
        evaluate = _read(tree, names)
        if not names:
            raise _refused(text, "an expression that names a feature")
        return cls(text, frozenset(names), evaluate)

    def __call__(self, values: Values) -> Floats:
        """Value of the expression for arrays of shape (n,), one of each name."""
        with np.errstate(all="ignore"):
            found = np.asarray(self._evaluate(values), dtype=np.float64)
        return np.where(np.isfinite(found), found, np.nan)


def _read(node: ast.expr, names: set[str]) -> Evaluate:
    match node:
        case ast.Name(id=name):
            names.add(name)
            return lambda values: values[name]
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return lambda _: np.asarray(float(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _read(operand, names)
            return lambda values: -inner(values)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _applied(_OPERATORS[type(sign)], [left, right], names)
        case ast.Call(func=ast.Name(id=name), args=parts, keywords=[]) if name in FUNCTIONS:
            arity, function = FUNCTIONS[name]
            if len(parts) == arity:
                return _applied(function, parts, names)
            raise _refused(ast.unparse(node), f"{name} of {arity} values")
    raise _refused(ast.unparse(node), _ALLOWED)


def _applied(function: Callable[..., Floats], parts: list[ast.expr], names: set[str]) -> Evaluate:
    inner = [_read(part, names) for part in parts]
    return lambda values: function(*(part(values) for part in inner))


def _refused(got: str, allowed: str) -> UsageError:
    return UsageError("this is no expression over features", got=got, allowed=allowed, remedy="see docs/features.md")
