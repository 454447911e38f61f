"""Record the calls that a case makes of ``datafusion``, and write them as a script."""
