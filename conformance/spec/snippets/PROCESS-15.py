import multiprocessing

from datafusion import SessionContext, ipc


def tell(answers):
    answers.put([ipc.get_sender_ctx() is None, ipc.get_worker_ctx() is None])


if __name__ == "__main__":
    ipc.set_sender_ctx(SessionContext())
    ipc.set_worker_ctx(SessionContext())
    for start in ("forkserver", "spawn"):
        context = multiprocessing.get_context(start)
        answers = context.SimpleQueue()
        process = context.Process(target=tell, args=(answers,))
        process.start()
        process.join()
        assert answers.get() == [True, True], start
