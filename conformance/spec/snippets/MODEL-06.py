import gc
import threading

from datafusion import SessionContext, ipc

sender, worker = SessionContext(), SessionContext()
wanted = [sender.session_id(), worker.session_id()]
ipc.set_sender_ctx(sender)
ipc.set_worker_ctx(worker)
thread = threading.Thread(target=lambda: ipc.set_worker_ctx(SessionContext()))
thread.start()
thread.join()
del sender, worker
gc.collect()

assert [ipc.get_sender_ctx().session_id(), ipc.get_worker_ctx().session_id()] == wanted
ipc.clear_sender_ctx()
assert ipc.get_sender_ctx() is None
assert ipc.get_worker_ctx().session_id() == wanted[1]
