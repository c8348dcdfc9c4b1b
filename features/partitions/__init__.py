"""More orders than memory: partitions of whole customers, and what the whole shop must be asked for."""
