from concurrent.futures import ThreadPoolExecutor

from datafusion import SessionContext, ipc

sender, worker = SessionContext(), SessionContext()


def fill():
    ipc.set_sender_ctx(sender)
    ipc.set_worker_ctx(worker)


def look():
    return ipc.get_sender_ctx().session_id(), ipc.get_worker_ctx().session_id()


with ThreadPoolExecutor(1) as thread:
    thread.submit(fill).result()
    assert thread.submit(look).result() == (sender.session_id(), worker.session_id())
    assert ipc.get_sender_ctx() is None
    assert ipc.get_worker_ctx() is None
    thread.submit(ipc.clear_sender_ctx).result()
    assert thread.submit(ipc.get_sender_ctx).result() is None
