"""Trees as LightGBM writes them, made to arrays and cut into smaller ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.errors import ModelError
from features.fixed import Floats, Ints

SMALL = 9
"""Decisions of a small tree: so few that most rows decide as one before them did."""

LARGE = 63
"""Decisions of a large one: so few that a bit each is enough for its leaves."""

_LEAST, _MANY = 1e-30, 2**31
_CATEGORY, _NAN_LEFT, _MISSING = 1, 2, 12
_NAN, _ZERO = 8, 4


class Forest(NamedTuple):
    """Binary trees whose sum is the raw score; one row of an array is one decision, each after those above it.

    An edge is 2k (left) or 2k + 1 (right) of decision k; decisions of a tree
    are counted from its first, and -1 stands for none.

    Attributes:
        first: where each tree begins, and where the last ends, shape (trees + 1,).
        feature: feature that decides.
        threshold: left are values up to it.
        nan_left: whether a missing value goes left.
        parent: edge that leads here.
        earlier: nearest edge above whose decision is about the same feature.
        child: decision at the end of each edge, shape (n, 2); -1 for a leaf.
        value: value of the leaf there, shape (n, 2); 0 where there is none.
        share: part of the training rows that took the edge, times the same of
            each edge above about the same feature, shape (n, 2).
    """

    first: Ints
    feature: Ints
    threshold: Floats
    nan_left: npt.NDArray[np.bool_]
    parent: Ints
    earlier: Ints
    child: Ints
    value: Floats
    share: Floats


@dataclass(frozen=True)
class _Tree:
    """One tree as LightGBM writes it: a child below 0 is the leaf of its complement."""

    feature: Ints
    threshold: Floats
    nan_left: npt.NDArray[np.bool_]
    child: Ints
    leaf_value: Floats
    parent: Ints
    earlier: Ints
    share: Floats

    def above(self, decision: int) -> set[int]:
        """A decision and all above it."""
        found = {decision}
        while (edge := int(self.parent[decision])) >= 0:
            decision = edge // 2
            found.add(decision)
        return found

    def leaves(self) -> Iterator[int]:
        """Edges that lead to a leaf, from left to right."""
        waiting = [1, 0]
        while waiting:
            edge = waiting.pop()
            below = int(self.child[edge // 2, edge % 2])
            if below < 0:
                yield edge
            else:
                waiting += [2 * below + 1, 2 * below]


@dataclass(frozen=True)
class Trees:
    """The trees of one output, in their order.

    A tree is the sum of itself with some leaves set to 0 and itself with the
    others set to 0; what then leads to zeros alone is cut off. So it can be cut
    until every tree has few decisions, or is a single path.

    Attributes:
        trees: those that decide something.
        start: sum of those that are a single leaf.
        mean: mean raw score over the rows they were fitted on.
    """

    trees: tuple[_Tree, ...]
    start: float
    mean: float

    @property
    def asked(self) -> set[int]:
        """Features that some tree asks for, by number."""
        return {int(k) for tree in self.trees for k in tree.feature}

    @cached_property
    def small(self) -> Forest:
        """Cut into trees of at most `SMALL` decisions."""
        return self._cut(SMALL)

    @cached_property
    def large(self) -> Forest:
        """Cut into trees of at most `LARGE` decisions."""
        return self._cut(LARGE)

    def _cut(self, most: int) -> Forest:
        return _joined([_pruned(tree, *part) for tree in self.trees for part in _parts(tree, most)])


def read_trees(texts: Iterable[str]) -> Trees:
    """The trees of one output of a booster.

    Args:
        texts: LightGBM's own, tree by tree.

    Raises:
        ModelError: a tree has categories or linear leaves, or takes zero as missing.
    """
    trees: list[_Tree] = []
    start = mean = 0.0
    for text in texts:
        found = dict(line.split("=", 1) for line in text.splitlines())
        values, counts = _numbers(found, "leaf_value"), _numbers(found, "leaf_count")
        if len(values) == 1:
            start += float(values[0])
            mean += float(values[0])
        else:
            trees.append(_tree(found))
            mean += float(values @ counts / counts.sum())
    return Trees(tuple(trees), start, mean)


def refused(got: str) -> ModelError:
    """What to raise of a model that is no sum of such trees."""
    return ModelError(
        "this kind of LightGBM model cannot be read",
        got=got,
        allowed="gradient boosting with numeric features and constant leaves",
        remedy="train the model with stagecast",
    )


def _joined(trees: list[Forest]) -> Forest:
    """One forest of several trees, or of none."""
    none = np.empty(0, dtype=np.int64)
    nothing = Forest(none, none, none.astype(float), none == 0, none, none, *none.reshape(3, 0, 2))
    arrays = [np.concatenate(column) for column in zip(nothing, *trees, strict=True)]
    return Forest(np.cumsum([0, *(len(tree.feature) for tree in trees)]), *arrays[1:])


def _parts(tree: _Tree, most: int) -> Iterator[tuple[list[int], set[int]]]:
    """Neighbouring leaves whose paths make no more than so many decisions together: these, and the leaves' edges."""
    decisions: set[int] = set()
    leaves: set[int] = set()
    for leaf in tree.leaves():
        path = tree.above(leaf // 2)
        if leaves and len(decisions | path) > most:
            yield sorted(decisions), leaves
            decisions, leaves = set(), set()
        decisions |= path
        leaves.add(leaf)
    yield sorted(decisions), leaves


def _pruned(tree: _Tree, decisions: list[int], leaves: set[int]) -> Forest:
    place = {decision: k for k, decision in enumerate(decisions)}

    def edges(of: Ints) -> Ints:
        return np.array([-1 if edge < 0 else 2 * place[edge // 2] + edge % 2 for edge in of[decisions].tolist()])

    ends = [(2 * k + side, int(tree.child[k, side])) for k in decisions for side in (0, 1)]
    return Forest(
        first=np.array([0, len(decisions)]),
        feature=tree.feature[decisions],
        threshold=tree.threshold[decisions],
        nan_left=tree.nan_left[decisions],
        parent=edges(tree.parent),
        earlier=edges(tree.earlier),
        child=np.array([place.get(end, -1) for _, end in ends]).reshape(-1, 2),
        value=np.array([tree.leaf_value[~end] if edge in leaves else 0.0 for edge, end in ends]).reshape(-1, 2),
        share=tree.share[decisions],
    )


def _tree(found: dict[str, str]) -> _Tree:
    kind = _whole(found, "decision_type")
    if (kind & _CATEGORY).any() or (kind & _MISSING == _ZERO).any() or found.get("is_linear", "0") != "0":
        raise refused("categories, linear leaves, or zero as missing")
    feature, threshold = _whole(found, "split_feature"), _numbers(found, "threshold")
    child = np.column_stack([_whole(found, "left_child"), _whole(found, "right_child")])
    inner, leaf, value = (_numbers(found, name) for name in ("internal_count", "leaf_count", "leaf_value"))
    _require_tree(child, (kind, feature, threshold, inner), (leaf, value))
    if not (inner > 0).all() or not leaf.sum() > 0:
        raise refused("decisions that no row has seen")
    share = np.concatenate([inner, leaf[::-1]])[child] / inner[:, None]  # a leaf's complement counts from the end
    parent = _parents(child)
    earlier = np.full(len(feature), -1)
    for k in range(len(feature)):
        edge = parent[k]
        while edge >= 0 and feature[edge // 2] != feature[k]:
            edge = parent[edge // 2]
        earlier[k] = edge
        if edge >= 0:
            share[k] *= share[edge // 2, edge % 2]
    return _Tree(
        feature,
        threshold,
        np.where(kind & _MISSING == _NAN, kind & _NAN_LEFT != 0, threshold >= 0),  # else NaN counts as 0
        child,
        value,
        parent,
        earlier,
        np.maximum(share, _LEAST),
    )


def _require_tree(child: Ints, of_decisions: Iterable[np.ndarray], of_leaves: Iterable[np.ndarray]) -> None:
    """Every decision but the first and every leaf hangs below one decision before it, or the kernels would run astray.

    Raises:
        ModelError: this is no tree.
    """
    decisions, ends = len(child), child.ravel()
    inner, at = ends >= 0, np.arange(len(ends)) // 2
    sound = (
        all(len(one) == decisions for one in of_decisions)
        and all(len(one) == decisions + 1 and np.isfinite(one).all() for one in of_leaves)
        and np.array_equal(np.sort(ends[inner]), np.arange(1, decisions))
        and np.array_equal(np.sort(~ends[~inner]), np.arange(decisions + 1))
        and (ends[inner] > at[inner]).all()
    )
    if not sound:
        raise refused("branches that make no tree")


def _parents(child: Ints) -> Ints:
    parent = np.full(len(child), -1)
    edges = np.flatnonzero(child.ravel() >= 0)
    parent[child.ravel()[edges]] = edges
    return parent


def _numbers(found: dict[str, str], name: str) -> Floats:
    return np.array(found[name].split(), dtype=np.float64)


def _whole(found: dict[str, str], name: str) -> Ints:
    values = _numbers(found, name)
    if not (np.abs(values) < _MANY).all() or (values % 1).any():
        raise refused(f"a {name} that is no whole number")
    return values.astype(np.int64)
