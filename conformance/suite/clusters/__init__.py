"""Drivers of Ray and Dask clusters, and the functions that run on their nodes."""
