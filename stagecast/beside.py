"""Orders with tables beside them: events and profile, declared in the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.errors import UsageError
from features.files import write_parquet
from features.orders import CleanOrders, Source
from features.sets.declared import FeatureSet
from features.sets.features import Beside
from features.tables.config import Events, EventsConfig, Profile, ProfileConfig
from features.tables.load import Loaded, load_tables
from stagecast.config import Config
from stagecast.progress import tell


@dataclass(frozen=True)
class WithTables:
    """Orders, and tables that take the place of the declared sources, by name."""

    orders: Source | CleanOrders
    tables: Mapping[str, Source]


def with_tables(orders: Source | CleanOrders, **tables: Source) -> WithTables:
    """Orders with tables beside them, for every verb that takes orders.

    Each table is declared by its name under `[features.events.NAME]` or
    `[features.profile.NAME]`; what is given here needs no `source` there.
    """
    return WithTables(orders, tables)


def bare(orders: Source | CleanOrders | WithTables) -> Source | CleanOrders:
    """The orders alone."""
    return orders.orders if isinstance(orders, WithTables) else orders


def beside(orders: object, config: Config, asked: FeatureSet | None = None) -> Beside:
    """The clean tables beside the orders, and the code that may be imported.

    Args:
        orders: as given to a verb.
        config: where the tables are; and, without `asked`, what is made from them.
        asked: what a model declares, which then counts.

    Raises:
        UsageError: a declared table is not given, or a given one not declared.
        DataError: a table cannot be read, or too many of its rows are bad.
    """
    loaded = load_beside(orders, config, asked)
    return Beside({name: one.table for name, one in loaded.items()}, config.features.code)


def load_beside(orders: object, config: Config, asked: FeatureSet | None = None) -> dict[str, Loaded]:
    """The tables of `beside` with what became of their rows. Raises what it raises."""
    given = orders.tables if isinstance(orders, WithTables) else {}
    configs = _under(config, asked, given) if asked else config.features.tables
    if configs:
        tell(f"read the tables {', '.join(configs)}")
    loaded = load_tables(configs, config.clock, given)
    for name, one in loaded.items():
        if len(one.quarantine):
            tell(f"table {name}: {'; '.join(one.report)}")
    return loaded


def keep_tables(loaded: Mapping[str, Loaded], config: Config) -> list[str]:
    """Keep what was set aside of each table beside the quarantine of the orders, and say so, a line a table."""
    told = []
    for name, one in loaded.items():
        told.append(f"table {name}: {'; '.join(one.report)}")
        if len(one.quarantine):
            path = Path(config.orders.quarantine) / f"table_{name}.parquet"
            write_parquet(one.quarantine, path, {})
            told.append(f"table {name}: what was set aside is in {path}, with reasons")
    return told


def _under(config: Config, asked: FeatureSet, given: Mapping[str, Source]) -> dict[str, EventsConfig | ProfileConfig]:
    """The tables of a model: what is made from them is the model's to say, where they are the configuration's."""
    found: dict[str, EventsConfig | ProfileConfig] = {}
    for name in asked.table_names:
        here = config.features.tables.get(name)
        declared: Events | Profile = asked.events[name] if name in asked.events else asked.profile[name]
        kind = EventsConfig if name in asked.events else ProfileConfig
        if here is None and name not in given:
            raise UsageError(
                f"the model's features are made from the table '{name}', which is not given",
                got=f"tables {', '.join(config.features.tables) or 'none'}",
                allowed=", ".join(asked.table_names),
                remedy=f"set source in [{kind().section}.{name}]",
            )
        there = here.model_dump(exclude_unset=True) if here is not None else {}
        found[name] = kind.model_validate(there | declared.model_dump())
    return found
