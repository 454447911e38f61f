import multiprocessing

from datafusion import SessionContext, ipc

fork = multiprocessing.get_context("fork")
answers = fork.SimpleQueue()


def tell():
    answers.put([ipc.get_sender_ctx().session_id(), ipc.get_worker_ctx().session_id()])


sender, worker = SessionContext(), SessionContext()
ipc.set_sender_ctx(sender)
ipc.set_worker_ctx(worker)
process = fork.Process(target=tell)
process.start()
process.join()

assert answers.get() == [sender.session_id(), worker.session_id()]
