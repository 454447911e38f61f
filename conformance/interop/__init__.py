"""Exchange bytes between peers: every peer writes once and reads what all peers wrote."""
