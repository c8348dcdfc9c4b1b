"""Tables inside a page of the documentation: each between two marks, which say that nobody writes there by hand."""

import re
from collections.abc import Mapping


def filled(text: str, tables: Mapping[str, str], partly: bool = False) -> str:
    """The page with new tables between its marks; where it has no mark for a table, the table is left out.

    Args:
        text: of the page.
        tables: Markdown by name.
        partly: whether tables that were not made stay as they are, and in a
            table with a row a set the rows of other sets.

    Raises:
        ValueError: the page has a mark for which there is no table, and it is not to be filled partly.
    """
    wanted = re.findall(r"<!-- begin (\S+) -->", text)
    absent = [name for name in wanted if name not in tables]
    if absent and not partly:
        raise ValueError(f"the page asks for tables that were not made: {', '.join(absent)}")
    for name in wanted:
        if name in tables:
            text = _replaced(text, name, tables[name].strip(), partly)
    return text


def _replaced(text: str, name: str, table: str, partly: bool) -> str:
    pattern = re.compile(rf"(<!-- begin {re.escape(name)} -->\n)(.*?)\n(<!-- end {re.escape(name)} -->)", re.DOTALL)
    return pattern.sub(lambda old: f"{old[1]}{_beside(old[2], table) if partly else table}\n{old[3]}", text)


def _beside(old: str, new: str) -> str:
    """The old table with the new one's rows in their places, if both have a row a set; else the new one."""
    if not (old.startswith("| set |") and new.startswith("| set |")):
        return new
    head, rule, *rows = old.splitlines()
    columns, by_set = _cells(head), _rows_of(new)
    for at, row in enumerate(rows):
        found = by_set.get(_cells(row)[0])
        if found:
            rows[at] = f"| {' | '.join(found.get(column, '-') for column in columns)} |"
    return "\n".join([head, rule, *rows])


def _rows_of(table: str) -> dict[str, dict[str, str]]:
    head, _, *rows = table.splitlines()
    return {_cells(row)[0]: dict(zip(_cells(head), _cells(row), strict=True)) for row in rows}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
