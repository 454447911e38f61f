"""The cells of a run, spread over the nodes of a Ray cluster."""
