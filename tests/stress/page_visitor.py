"""A curator's browser without a browser: pages asked for over Streamlit's own connection, and waited for."""

import time

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

MOST_BYTES = 64 * 2**20
WELL = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class PageVisitor:
    """One visit: `async with PageVisitor(address) as visit: seconds = await visit.draw("library")`."""

    def __init__(self, address: str):
        self.address = address.replace("http", "ws", 1) + "/_stcore/stream"
        self.connection: ClientConnection | None = None

    async def __aenter__(self) -> "PageVisitor":
        self.connection = await connect(self.address, subprotocols=["streamlit"], max_size=MOST_BYTES, proxy=None)
        return self

    async def __aexit__(self, *_error) -> None:
        await self.connection.close()

    async def draw(self, page: str) -> float:
        """Ask for a page and read everything that is sent until it is drawn; the seconds it took. Raises RuntimeError where it broke."""
        asked = BackMsg()
        asked.rerun_script.page_name = "" if page == "home" else page
        began = time.perf_counter()
        await self.connection.send(asked.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(await self.connection.recv())
            kind = told.WhichOneof("type")
            if kind == "page_not_found":
                raise RuntimeError(f"there is no page {page}")
            if kind == "delta" and told.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(f"the page {page} broke: {told.delta.new_element.exception.type}")
            if kind == "script_finished" and told.script_finished in WELL:
                return time.perf_counter() - began
