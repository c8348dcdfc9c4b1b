"""Tables beside the orders: events and profile, known from the time at which they became known."""

from features.tables.config import Events, EventsConfig, Profile, ProfileConfig
from features.tables.joined import Joined
from features.tables.load import Tables, load_tables

__all__ = ["Events", "EventsConfig", "Joined", "Profile", "ProfileConfig", "Tables", "load_tables"]
