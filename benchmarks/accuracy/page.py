"""Tables inside a page of the documentation: each between two marks, which say that nobody writes there by hand."""

import re
from collections.abc import Mapping


def filled(text: str, tables: Mapping[str, str], missing: str | None = None) -> str:
    """The page with new tables between its marks; where it has no mark for a table, the table is left out.

    Args:
        text: of the page.
        tables: Markdown by name.
        missing: what stands where a table was not made.

    Raises:
        ValueError: the page has a mark for which there is no table, and nothing is to stand there.
    """
    wanted = re.findall(r"<!-- begin (\S+) -->", text)
    absent = [name for name in wanted if name not in tables]
    if absent and missing is None:
        raise ValueError(f"the page asks for tables that were not made: {', '.join(absent)}")
    made = {**dict.fromkeys(absent, missing or ""), **tables}
    for name in wanted:
        pattern = re.compile(rf"(<!-- begin {re.escape(name)} -->\n).*?(<!-- end {re.escape(name)} -->)", re.DOTALL)
        text = pattern.sub(lambda found, name=name: f"{found[1]}{made[name].strip()}\n{found[2]}", text)
    return text
