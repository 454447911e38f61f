"""A forked worker that takes another's place is forked by a thread that has no slots."""

import multiprocessing
import sys

from datafusion import SessionContext
from datafusion.ipc import get_worker_ctx, set_worker_ctx


def inherited():
    return get_worker_ctx() is not None


set_worker_ctx(SessionContext())
with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
    seen = [pool.apply(inherited) for _ in range(2)]
print("whether the first worker and the second see the driver's slot:", seen)
sys.exit(0 if all(seen) else 1)
