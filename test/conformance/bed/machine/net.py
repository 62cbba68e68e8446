"""Names and service addresses of the bed, plus its door to the host's loopback. All in user space: no iptables.

DNS          UDP on the gateway: SERVICE.NAMESPACE.svc.cluster.local -> cluster IP, or the pods of a headless service
cluster IPs  each is an address of this machine's `lo`; every TCP port relays to a ready endpoint (what kube-proxy does)
host door    a listener made in the host's network namespace (inherited as a file descriptor) relays to the API server
"""

import argparse
import asyncio
import ctypes
import os
import random
import socket
import struct
import subprocess

from kube import Kube, add_access_options

CLONE_NEWNET = 0x40000000
DOMAIN = ["svc", "cluster", "local"]
SERVICES, SLICES = "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices"
DNS_ANSWER, DNS_NO_SUCH_NAME = 0x8580, 0x8583


class Table:
    """Services and their endpoints, kept current by two watches; read by the DNS and by the relays."""

    def __init__(self, kube, changed):
        self.services, self.slices, self.changed = {}, {}, changed
        self._follow(kube, SERVICES, self.services)
        self._follow(kube, SLICES, self.slices)

    def _follow(self, kube, path, store):
        def key(o):
            return o["metadata"]["namespace"], o["metadata"]["name"]

        def on_list(items):
            store.clear()
            store.update((key(o), o) for o in items)
            self.changed()

        def on_event(kind, o):
            if kind == "DELETED":
                store.pop(key(o), None)
            else:
                store[key(o)] = o
            self.changed()

        kube.watch_in_background(path, on_list, on_event)

    def endpoints(self, namespace, service):
        """(address, host name, {port name: port}) of every ready endpoint."""
        for (where, _), piece in list(self.slices.items()):
            if where != namespace or piece["metadata"].get("labels", {}).get("kubernetes.io/service-name") != service:
                continue
            ports = {p.get("name") or "": p.get("port") for p in piece.get("ports") or []}
            for endpoint in piece.get("endpoints") or []:
                if endpoint.get("conditions", {}).get("ready") is not False:
                    for address in endpoint["addresses"]:
                        yield address, endpoint.get("hostname"), ports

    def resolve(self, name):
        """Addresses of a DNS name; None when there is no such name."""
        parts = name.lower().rstrip(".").split(".")
        if parts[-3:] != DOMAIN or len(parts) not in (5, 6):
            return None
        *host, service, namespace = parts[:-3]
        found = self.services.get((namespace, service))
        if not found:
            return None
        ip = found["spec"].get("clusterIP")
        if ip and ip != "None":
            return None if host else [ip]
        endpoints = self.endpoints(namespace, service)
        return [address for address, name, _ in endpoints if not host or name == host[0]] or None

    def ports(self):
        """{(cluster IP, port): (namespace, service, port name)} of every TCP port."""
        found = {}
        for (namespace, name), service in list(self.services.items()):
            ip = service["spec"].get("clusterIP")
            if ip and ip != "None":
                for port in service["spec"].get("ports") or []:
                    if port.get("protocol", "TCP") == "TCP":
                        found[ip, port["port"]] = namespace, name, port.get("name") or ""
        return found

    def targets(self, namespace, service, port_name):
        """(address, port) of every ready endpoint of a service's port, in random order."""
        found = [(a, ports[port_name]) for a, _, ports in self.endpoints(namespace, service) if ports.get(port_name)]
        return random.sample(found, len(found))


class Dns(asyncio.DatagramProtocol):
    """Answers questions for IPv4 addresses; every other kind of question has no answers."""

    def __init__(self, table):
        self.table, self.transport = table, None

    def connection_made(self, transport):
        """Keeps the way back."""
        self.transport = transport

    def datagram_received(self, data, peer):
        """Answers one question; what cannot be read gets no answer."""
        try:
            labels, at = [], 12
            while data[at]:
                labels.append(data[at + 1 : at + 1 + data[at]].decode())
                at += 1 + data[at]
            kind = struct.unpack_from("!H", data, at + 1)[0]
            addresses = self.table.resolve(".".join(labels))
            answers = [socket.inet_aton(a) for a in addresses or []] if kind == 1 else []
            random.shuffle(answers)
            flags = DNS_NO_SUCH_NAME if addresses is None else DNS_ANSWER
            out = data[:2] + struct.pack("!HHHHH", flags, 1, len(answers), 0, 0) + data[12 : at + 5]
            self.transport.sendto(out + b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4" + a for a in answers), peer)
        except (IndexError, UnicodeDecodeError, struct.error):
            pass


async def pump(reader, writer):
    """Copies one direction of a connection until it ends."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write_eof()  # half-close: the other direction may go on
    except OSError:
        writer.transport.abort()


async def relay(reader, writer, targets):
    """Joins one accepted connection to the first of `targets` that answers; with none it is cut."""
    for host, port in targets:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        except OSError:
            continue
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        far_writer.close()
        writer.close()
        return
    writer.transport.abort()


class Proxy:
    """Keeps one listener per (cluster IP, TCP port)."""

    def __init__(self, table):
        self.table, self.listeners = table, {}

    async def sync(self):
        """Opens and closes listeners until they are those of the services."""
        wanted = self.table.ports()
        for key in [k for k in self.listeners if wanted.get(k) != self.listeners[k][1]]:
            server, _ = self.listeners.pop(key)
            server.close()
            if not any(ip == key[0] for ip, _ in wanted):
                subprocess.run(["ip", "addr", "del", f"{key[0]}/32", "dev", "lo"], check=False)
        for (ip, port), target in wanted.items():
            if (ip, port) not in self.listeners:
                subprocess.run(["ip", "addr", "replace", f"{ip}/32", "dev", "lo"], check=True)
                server = await asyncio.start_server(self._accept(target), ip, port)
                self.listeners[ip, port] = server, target

    def _accept(self, target):
        return lambda reader, writer: relay(reader, writer, self.table.targets(*target))


def listen_in(netns_fd, port):
    """A listener on 127.0.0.1 of another network namespace; this thread then returns to its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    if libc.setns(netns_fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    try:
        return socket.create_server(("127.0.0.1", port))
    finally:
        libc.setns(own, CLONE_NEWNET)
        os.close(own)
        os.close(netns_fd)


async def serve(options):
    """Opens the door, then follows the services for ever."""
    door = listen_in(options.host_netns_fd, options.host_port)
    host, port = options.server.split("//")[1].rsplit(":", 1)
    await asyncio.start_server(lambda reader, writer: relay(reader, writer, [(host, int(port))]), sock=door)
    loop, dirty = asyncio.get_running_loop(), asyncio.Event()
    table = Table(Kube(options), lambda: loop.call_soon_threadsafe(dirty.set))
    await loop.create_datagram_endpoint(lambda: Dns(table), (options.gateway, 53))
    with open(options.port_file + ".new", "w") as file:
        file.write(str(door.getsockname()[1]))
    os.rename(options.port_file + ".new", options.port_file)
    proxy = Proxy(table)
    while True:
        await dirty.wait()
        dirty.clear()
        try:
            await proxy.sync()
        except Exception as error:
            print("proxy:", error, flush=True)
            loop.call_later(1, dirty.set)


def main():
    """Reads the options and serves until the bed ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_access_options(parser)
    parser.add_argument("--gateway", required=True, help="address the DNS listens on")
    parser.add_argument("--host-netns-fd", type=int, required=True)
    parser.add_argument("--host-port", type=int, default=0)
    parser.add_argument("--port-file", required=True, help="where to write the host port, once everything listens")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
