"""Simple models that a trained one must beat before it is worth running."""
