"""The weekly job: score every customer, publish the week whole, and tell what was found."""
