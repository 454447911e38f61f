import multiprocessing
import os

from datafusion import SessionContext, ipc


def begin():
    ipc.set_worker_ctx(SessionContext())


def tell(_):
    return os.getpid(), ipc.get_worker_ctx() is not None


with multiprocessing.get_context("fork").Pool(1, begin, maxtasksperchild=1) as pool:
    seen = dict(pool.map(tell, range(2), chunksize=1))

assert list(seen.values()) == [True, True]  # a worker and its replacement
