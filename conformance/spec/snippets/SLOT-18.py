import gc
import threading
import weakref

from datafusion import SessionContext, ipc

released = []


def work():
    session = SessionContext()
    weakref.finalize(session, released.append, "the session")
    ipc.set_sender_ctx(session)


thread = threading.Thread(target=work)
thread.start()
thread.join()
gc.collect()
assert released == ["the session"]
