"""What is known about a customer at a cut-off, and the domain's words."""
