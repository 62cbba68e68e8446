"""The one piece of the kubelet's own API that the bed has: container logs, for `kubectl logs [-f] [--tail N]`."""

import http.server
import os
import select
import ssl
import threading
import urllib.parse


def log_file(log_dir, namespace, pod, container):
    """Where the output of a container is kept."""
    return f"{log_dir}/{namespace}_{pod}_{container}.log"


class LogHandler(http.server.BaseHTTPRequestHandler):
    """Answers GET /containerLogs/<namespace>/<pod>/<container>."""

    log_dir = ""

    def do_GET(self):
        """Sends the log, or its tail, and goes on with what is added when asked to follow."""
        url = urllib.parse.urlsplit(self.path)
        parts, query = url.path.strip("/").split("/"), dict(urllib.parse.parse_qsl(url.query))
        path = log_file(self.log_dir, *parts[1:4]) if len(parts) == 4 and parts[0] == "containerLogs" else ""
        if not os.path.exists(path):
            self.send_error(404, "no such log")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        with open(path, "rb") as file:
            if "tailLines" in query:
                lines, tail = file.readlines(), int(query["tailLines"])
                self.wfile.writelines(lines[max(0, len(lines) - tail) :])
            self._copy(file, query.get("follow") == "true")

    def _copy(self, file, follow):
        while True:
            if data := file.read(65536):
                self.wfile.write(data)
            elif not follow or select.select([self.connection], [], [], 0.3)[0]:
                return  # the end, or the reader left

    def log_message(self, *_):
        """Requests are not worth a line."""


def serve(address, pki, log_dir):
    """Serves the logs in a thread of its own, to clients with a certificate of the bed."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{pki}/apiserver.crt", f"{pki}/apiserver.key")
    tls.load_verify_locations(f"{pki}/ca.crt")
    tls.verify_mode = ssl.CERT_REQUIRED
    handler = type("Handler", (LogHandler,), {"log_dir": log_dir})
    server = http.server.ThreadingHTTPServer(address, handler)
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
