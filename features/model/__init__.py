"""What a registered model is: files under a manifest, and how they turn features into a forecast.

Training writes it and serving reads it, and neither may import the other, so
it stands here, apart from the features themselves.
"""
