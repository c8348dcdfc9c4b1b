"""More orders than memory: partitions of whole customers, one after the other, as if they were one log."""
