import asyncio
import pickle

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))


async def main():
    data = pickle.dumps(expr)
    strict = SessionContext().with_python_udf_inlining(enabled=False)
    ipc.set_sender_ctx(strict)
    ipc.set_worker_ctx(strict)
    assert b"DFPYUDF" not in pickle.dumps(expr)
    assert b"DFPYUDF" in await asyncio.to_thread(pickle.dumps, expr)
    assert str(await asyncio.to_thread(pickle.loads, data)) == str(expr)


asyncio.run(main())
