"""Exchanges between peers: every peer writes once, and every peer reads what the others wrote."""
