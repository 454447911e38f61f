import multiprocessing
from concurrent.futures import ThreadPoolExecutor

from datafusion import SessionContext, ipc

fork = multiprocessing.get_context("fork")
answers = fork.SimpleQueue()
session = SessionContext()


def tell():
    answers.put([ipc.get_sender_ctx().session_id(), ipc.get_worker_ctx().session_id()])


def start():
    ipc.set_sender_ctx(session)
    ipc.set_worker_ctx(session)
    process = fork.Process(target=tell)
    process.start()
    process.join()


with ThreadPoolExecutor(1) as threads:
    threads.submit(start).result()
assert answers.get() == [session.session_id()] * 2
