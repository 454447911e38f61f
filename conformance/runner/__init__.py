"""Run cases under pytest: plugin, child process of the cases, outcomes, assertions."""
