"""The score table as a Delta table, on a disk or in an object store."""
