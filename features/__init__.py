"""What is known about a customer at a cut-off, and the domain's words."""

import os

# LightGBM's threads spin while they wait: on a busy machine that made training
# ten to forty times slower. It must be set before LightGBM is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
