"""Benchmarks of the suite, the exchange and the format itself."""
