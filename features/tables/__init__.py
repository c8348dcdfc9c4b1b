"""Tables beside the orders: events and profile, known from the time at which they became known."""
