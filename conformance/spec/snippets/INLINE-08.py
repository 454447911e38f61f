from datafusion import col, functions

assert b"DFPY" not in functions.abs(col("a")).to_bytes()
