"""Helpers of several chapters: samples, same-name UDFs, canaries, artifacts, codec setups."""
