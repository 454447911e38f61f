from datafusion import SessionContext
from datafusion.ipc import get_sender_ctx, get_worker_ctx, set_sender_ctx, set_worker_ctx

sender, worker = SessionContext(), SessionContext()
set_sender_ctx(sender)
set_worker_ctx(worker)

assert get_sender_ctx() is sender
assert get_worker_ctx() is worker
