# Serves moto on a free loopback port, says the port in one line, and ends when standard input closes: the operating
# system closes the pipe however the parent ends, so moto never outlives it.
import os
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()

import logging

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server



def backend(service):
    """moto's application for one service, whose failures say in one line what failed."""
    app = create_backend_app(service)

    @app.errorhandler(Exception)
    def failed(error):
        if isinstance(error, HTTPException):
            return error
        return f"{type(error).__name__}: {error}"[:400], 500

    return app


logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
server = make_server(
    "127.0.0.1", 0, DomainDispatcherApplication(backend), threaded=True, request_handler=MotoRequestHandler
)
print(server.server_address[1], flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
sys.stdout = open(os.devnull, "w")
server.serve_forever()
