from datafusion import SessionContext, ipc

ipc.set_sender_ctx(SessionContext())
ipc.set_worker_ctx(SessionContext())
ipc.clear_sender_ctx()
ipc.clear_worker_ctx()

assert ipc.get_sender_ctx() is None
assert ipc.get_worker_ctx() is None
