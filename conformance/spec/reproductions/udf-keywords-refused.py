"""udf() does not accept its documented arguments by keyword."""

import sys

try:
    import pyarrow as pa
    from datafusion import udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

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
