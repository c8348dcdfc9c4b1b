"""The weekly report: one self-contained page for those who act on the scores."""

from serving.report.config import ReportConfig
from serving.report.gather import Naming, gather
from serving.report.input import ReportInput
from serving.report.keep import keep
from serving.report.render import render, spelt
from serving.store import Store

__all__ = ["ReportConfig", "ReportInput", "gather", "keep", "render", "report", "spelt"]


def report(store: Store, as_of: str, config: ReportConfig, naming: Naming = str) -> str:
    """The report of a published week, as one HTML page that needs nothing else.

    Args:
        store: the score store.
        as_of: a published week.
        config: what the report shows.
        naming: from a customer's id to the name that is shown.

    Raises:
        DataError: the week is not published.
    """
    return render(gather(store, as_of, config, naming))
