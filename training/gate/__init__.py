"""The gate: a challenger beside the champion and the ladder on the same later snapshots, and what follows from it."""
