"""Who can talk to whom: every peer writes once, and every peer reads what the others wrote."""
