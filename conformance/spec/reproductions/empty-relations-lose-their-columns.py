"""An optimized logical plan with a UDF over an input without rows does not decode."""

import sys

try:
    import pyarrow as pa
    from datafusion import Accumulator, LogicalPlan, SessionContext, udaf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

i64 = pa.int64()


class Zero(Accumulator):
    """Return 0."""

    def state(self):
        return [pa.scalar(0)]

    def update(self, values):
        pass

    def merge(self, states):
        pass

    def evaluate(self):
        return pa.scalar(0)


context, session = SessionContext(), SessionContext()
context.register_udaf(udaf(Zero, [i64], i64, [i64], "immutable", "zero"))
query = "SELECT zero(a) AS v FROM (VALUES (1)) AS t(a) WHERE FALSE"
print("original:", context.sql(query).to_pylist())
data = context.sql(query).optimized_logical_plan().to_bytes()
try:
    LogicalPlan.from_bytes(session, data)
except Exception as error:  # noqa: BLE001 - the script shows what is raised
    print(f"decoding: {error}")
    sys.exit(1)
print("decoded")
