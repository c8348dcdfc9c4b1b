"""Feature sets: which features are made, declared as data, and features of one's own."""
