"""The stages: what they are (spec), how their constants are found (fit), how they run (machine)."""
