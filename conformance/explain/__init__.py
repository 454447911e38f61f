"""Put together all that is known of a promise: its clause, divergences, cases and faults."""
