"""What the suite, the exchange and the format itself cost."""
