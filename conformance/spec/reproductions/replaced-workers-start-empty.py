"""The forked replacement of a worker starts with empty slots."""

import multiprocessing
import sys

try:
    from datafusion import SessionContext
    from datafusion.ipc import get_worker_ctx, set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def inherited():
    return get_worker_ctx() is not None


set_worker_ctx(SessionContext())
with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
    seen = [pool.apply(inherited) for _ in range(2)]
print("the first and the second worker have the driver's session in the slot:", seen)
sys.exit(0 if all(seen) else 1)
