"""Drivers of Ray and Dask, and both ends of what they ship; the cases see only what was told."""
