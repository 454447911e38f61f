import asyncio

from datafusion import SessionContext, ipc

session = SessionContext()


async def fill():
    ipc.set_sender_ctx(session)
    ipc.set_worker_ctx(session)


async def look():
    return [ipc.get_sender_ctx().session_id(), ipc.get_worker_ctx().session_id()]


async def main():
    await asyncio.create_task(fill())
    return await asyncio.create_task(look())


assert asyncio.run(main()) == [session.session_id()] * 2
assert ipc.get_sender_ctx().session_id() == session.session_id()
