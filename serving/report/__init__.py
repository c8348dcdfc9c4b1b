"""The weekly report: one self-contained page for those who act on the scores."""
