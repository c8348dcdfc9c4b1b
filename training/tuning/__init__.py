"""Look for better parameters of the boosters: trials on out-of-time folds, kept in a journal that survives a crash."""
