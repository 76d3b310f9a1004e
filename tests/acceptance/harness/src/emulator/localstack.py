# Starts LocalStack on a free loopback port, says the port in one line, and ends when standard input closes: the
# operating system closes the pipe however the parent ends, so LocalStack never outlives it.
import os
import runpy
import socket
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
os.environ["GATEWAY_LISTEN"] = f"127.0.0.1:{port}"

# What LocalStack prints belongs with its errors; the only line on standard output is the port.
said = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from twisted.internet import reactor

listen = reactor.listenTCP


def on_loopback(port, factory, backlog=50, interface=""):
    """Its server listens on all interfaces whatever GATEWAY_LISTEN says."""
    listening = listen(port, factory, backlog, "127.0.0.1")
    print(listening.getHost().port, file=said, flush=True)
    return listening


reactor.listenTCP = on_loopback
sys.argv = ["localstack.runtime.main"]
runpy.run_module("localstack.runtime.main", run_name="__main__")
