# Serves MiniStack on a free loopback port, says the port in one line, and ends when standard input closes: the operating
# system closes the pipe however the parent ends, so MiniStack never outlives it.
import asyncio
import os
import socket
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

# It listens before the server runs, so that whoever is told the port is never refused.
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(128)
os.environ["GATEWAY_PORT"] = str(listening.getsockname()[1])

# What MiniStack prints belongs with its errors; the only line on standard output is the port.
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app

config = Config()
config.bind = [f"fd://{listening.detach()}"]
print(os.environ["GATEWAY_PORT"], file=said, flush=True)
asyncio.run(serve(app, config))
