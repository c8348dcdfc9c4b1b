"""Tables inside a page of the documentation: each between two marks, which say that nobody writes there by hand."""

import re
from collections.abc import Mapping


def filled(text: str, tables: Mapping[str, str]) -> str:
    """The page with new tables between its marks; where it has no mark for a table, the table is left out.

    Args:
        text: of the page.
        tables: Markdown by name.

    Raises:
        ValueError: the page has a mark for which there is no table.
    """
    wanted = re.findall(r"<!-- begin (\S+) -->", text)
    if missing := [name for name in wanted if name not in tables]:
        raise ValueError(f"the page asks for tables that were not made: {', '.join(missing)}")
    for name in wanted:
        pattern = re.compile(rf"(<!-- begin {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
        text = pattern.sub(lambda found, name=name: f"{found[1]}{tables[name].strip()}\n{found[2]}", text)
    return text
