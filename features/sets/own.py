"""A feature of one's own, written in Python."""

from collections.abc import Callable, Iterable
from importlib import import_module

from features.errors import UsageError
from features.feature import Feature
from features.fixed import Floats
from features.past import Past


def feature(
    unit: str = "", needs: Iterable[str] = (), shop: bool = False, formula: str = ""
) -> Callable[[Callable[[Past], Floats]], Feature]:
    """Make a function of a `Past` a feature: its name is the feature's, the first line of its docstring the meaning.

    Put it to the laws with `assert_point_in_time` before you use it.

    Args:
        unit: days, count, code for whole numbers; money, share, ratio, ... for others.
        needs: optional order columns without which it does not exist.
        shop: whether it looks at other customers too.
        formula: how it is computed.

    Raises:
        UsageError: the function has no docstring.
    """

    def declare(compute: Callable[[Past], Floats]) -> Feature:
        meaning = (compute.__doc__ or "").strip().partition("\n")[0]
        if not meaning:
            raise UsageError(
                f"the feature '{compute.__name__}' does not say what it means",
                got="no docstring",
                remedy="write its meaning in the first line of the function's docstring",
            )
        return Feature(compute.__name__, meaning, unit, compute, frozenset(needs), shop, formula, family="own")

    return declare


def imported(address: str) -> Feature:
    """The feature at module:name.

    Raises:
        UsageError: it cannot be imported, or is no `Feature`.
    """
    module, _, name = address.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise UsageError(
            "a feature written in Python cannot be imported",
            got=f"{address} ({error})",
            allowed="module:name of a Feature in a package that is installed here",
            remedy="install the package, or correct features.code",
        ) from error
    if not isinstance(found, Feature):
        raise UsageError(
            f"{address} is no feature",
            got=type(found).__name__,
            allowed="a Feature, such as @feature(unit=...) makes of a function",
        )
    return found
