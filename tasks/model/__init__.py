"""The model at length: many sequences of steps on one subject, with figures."""
