"""Makes a port of this host's loopback lead to a service of the bed, in place of `kubectl port-forward`.

usage: forward.py INIT SERVICE NAMESPACE LOCAL PORT      run by forward.sh; INIT is the bed's process 1, seen from outside

The listener is made here, on the host. The rest then runs inside the bed, where the service's name means something; it is
looked up for each connection, so that a new head pod is found. With the bed it ends.
"""

import asyncio
import os
import socket
import sys

from net import relay


def listen(local):
    """The listener on the host's loopback, to be inherited by what runs inside the bed."""
    listener = socket.create_server(("127.0.0.1", local))
    listener.set_inheritable(True)
    return listener


def move_inside(init, listener, words):
    """Becomes a process of the bed that goes on with the listener."""
    # the process inside ends with the one outside, and that with whoever started it
    tied = ["setpriv", "--pdeathsig", "TERM"]
    inside = ["nsenter", "--target", init, "--mount", "--net", "--pid", "--", *tied]
    own = [sys.executable, os.path.abspath(__file__), "--inside", str(listener.fileno()), *words]
    os.execvp("setpriv", [*tied, *inside, *own])


async def serve(fd, name, port):
    """Relays every connection to one of the service's addresses."""

    async def on_connection(reader, writer):
        try:
            found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except OSError as error:
            print(f"bed: {name}: {error.strerror}", file=sys.stderr, flush=True)
            writer.transport.abort()
            return
        await relay(reader, writer, [address[:2] for *_, address in found])

    listener = socket.socket(fileno=fd)
    server = await asyncio.start_server(on_connection, sock=listener)
    print(f"Forwarding 127.0.0.1:{listener.getsockname()[1]} to {name}:{port}; Ctrl-C ends it", flush=True)
    await server.serve_forever()


def main():
    """Listens outside, then serves inside."""
    if sys.argv[1] == "--inside":
        fd, service, namespace, port = sys.argv[2:]
        asyncio.run(serve(int(fd), f"{service}.{namespace}.svc.cluster.local", int(port)))
        return
    init, service, namespace, local, port = sys.argv[1:]
    try:
        listener = listen(int(local))
    except OSError as error:
        sys.exit(f"bed: cannot listen on 127.0.0.1:{local}: {os.strerror(error.errno)}")
    move_inside(init, listener, [service, namespace, port])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
