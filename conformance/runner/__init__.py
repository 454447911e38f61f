"""Run cases under pytest: the plugin, the child in which cases run, outcomes, assertions."""
