"""Grades of several weeks as tables: to be looked at in MLflow, a notebook or a spreadsheet."""

from collections.abc import Sequence

import pandas as pd

from features.grade import Grade


def tables(grades: Sequence[Grade]) -> dict[str, pd.DataFrame]:
    """Every number of some weeks; each table begins with `week` and `version`.

    Returns:
        `by_group`: a row a target and group, a column a metric. `deciles`: a
        row a target and tenth, 1 the lowest. `ladder`: the model beside the
        best baseline. `promises`: what was promised and what came. `counts`:
        who was graded.
    """
    found = {
        "by_group": [row for one in grades for row in _by_group(one)],
        "deciles": [row for one in grades for row in _deciles(one)],
        "ladder": [_week(one) | rung.model_dump() for one in grades for rung in one.ladder],
        "promises": [_week(one) | promise.model_dump() for one in grades for promise in one.promises],
        "counts": [_week(one) | one.counts.model_dump() for one in grades],
    }
    return {name: pd.DataFrame(rows) for name, rows in found.items() if rows}


def _by_group(grade: Grade) -> list[dict[str, object]]:
    return [_week(grade) | each.model_dump(exclude={"metrics"}) | each.metrics for each in grade.scores]


def _deciles(grade: Grade) -> list[dict[str, object]]:
    rows = []
    for target in dict.fromkeys(each.target for each in grade.deciles):
        mine = [each for each in grade.deciles if each.target == target]
        rows += [_week(grade) | {"decile": place} | each.model_dump() for place, each in enumerate(mine, 1)]
    return rows


def _week(grade: Grade) -> dict[str, object]:
    return {"week": grade.as_of, "version": grade.model_version}
