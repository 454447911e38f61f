import threading

from datafusion import SessionContext, ipc

ipc.set_sender_ctx(SessionContext())
ipc.set_worker_ctx(SessionContext())
seen = []
thread = threading.Thread(target=lambda: seen.extend([ipc.get_sender_ctx(), ipc.get_worker_ctx()]))
thread.start()
thread.join()

assert seen == [None, None]
