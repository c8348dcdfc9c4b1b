"""What a run says of the orders and settings behind it: enough to do it again, and not where they are."""

import json
from pathlib import Path
from typing import Any

from features.orders.sql import shown
from stagecast.beside import bare
from stagecast.config import Config
from stagecast.describe import Orders

_OF_TABLE = {"__all__": {"source", "query"}}
_WHEREABOUTS: Any = {
    "tracking_uri": True,
    "training": {"work": True},
    "features": {"events": _OF_TABLE, "profile": _OF_TABLE},
}
"""Settings that say where things are: they are nobody's business, and may hold a password."""


def shown_name(orders: Orders) -> str:
    """What orders are called in a run: a file or an address without the way there, or the kind of table."""
    source = bare(orders)
    return Path(shown(source)).name if isinstance(source, str | Path) else type(source).__name__


def shown_settings(config: Config) -> str:
    """The whole configuration as readable JSON, without where things are."""
    return json.dumps(config.model_dump(mode="json", exclude=_WHEREABOUTS), indent=2, sort_keys=True, default=str)
