"""udf() does not accept its documented arguments by keyword."""

import sys

import pyarrow as pa
from datafusion import udf

try:
    udf(
        func=lambda a: a,
        input_fields=[pa.int64()],
        return_field=pa.int64(),
        volatility="immutable",
        name="same",
    )
except IndexError as error:
    print(f"udf() raised IndexError: {error}")
    sys.exit(1)
print("accepted")
