"""Startup, readiness and liveness probes, run for real: HTTP and TCP to the pod, exec inside the container."""

import signal
import socket
import ssl
import threading
import time
import urllib.request

KINDS = ("startup", "readiness", "liveness")

# A kubelet does not verify what answers an HTTPS probe.
_UNVERIFIED = ssl.create_default_context()
_UNVERIFIED.check_hostname = False
_UNVERIFIED.verify_mode = ssl.CERT_NONE


class Probe(threading.Thread):
    """One probe of one run of a container; it ends with that run."""

    def __init__(self, container, kind, spec):
        super().__init__(daemon=True)
        self.container, self.kind, self.spec, self.process = container, kind, spec, container.process

    def run(self):
        """Probes until the container's process is gone, or, for a startup probe, until it succeeds."""
        good, bad = 0, 0
        wait = self.spec.get("initialDelaySeconds", 0)
        while not self.container.pod.leaving():
            time.sleep(wait)
            wait = self.spec.get("periodSeconds", 10)
            if self.process.poll() is not None:
                return
            if self.kind != "startup" and not self.container.started:
                wait = min(wait, 1)
                continue
            good, bad = (good + 1, 0) if self.check() else (0, bad + 1)
            if self.process is not self.container.process:
                return
            if good >= self.spec.get("successThreshold", 1):
                self.succeeded()
                if self.kind == "startup":
                    return
            elif bad >= self.spec.get("failureThreshold", 3):
                self.failed()

    def succeeded(self):
        """Notes that the probe is above its threshold of successes."""
        if self.kind == "readiness":
            self.container.ready = True
        elif self.kind == "startup":
            self.container.started, self.container.ready = True, not self.container.spec.get("readinessProbe")
        self.container.pod.wake.set()

    def failed(self):
        """Notes that the probe is above its threshold of failures: not ready, or a restart."""
        if self.kind == "readiness":
            self.container.ready = False
        else:
            self.container.pod.log(f"{self.kind} probe of {self.container.name} failed: restart")
            self.container.kill(signal.SIGTERM)
            deadline = time.monotonic() + self.container.pod.o["spec"].get("terminationGracePeriodSeconds", 30)
            while self.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
            if self.process.poll() is None:
                self.container.kill(signal.SIGKILL)
        self.container.pod.wake.set()

    def check(self):
        """True when the container answers in time."""
        timeout = self.spec.get("timeoutSeconds", 1)
        try:
            if "exec" in self.spec:
                return self.container.execute(self.spec["exec"]["command"], timeout) == 0
            if "httpGet" in self.spec:
                return self._http(self.spec["httpGet"], timeout)
            target = self.spec.get("tcpSocket") or self.spec.get("grpc")
            address = target.get("host") or self.container.pod.ip, self._port(target["port"])
            socket.create_connection(address, timeout).close()
            return True
        except (OSError, LookupError):
            return False

    def _http(self, get, timeout):
        host = f"{get.get('host') or self.container.pod.ip}:{self._port(get['port'])}"
        request = urllib.request.Request(f"{get.get('scheme', 'HTTP').lower()}://{host}{get.get('path', '/')}")
        for header in get.get("httpHeaders") or []:
            request.add_header(header["name"], header["value"])
        with urllib.request.urlopen(request, timeout=timeout, context=_UNVERIFIED) as answer:
            return answer.status < 400

    def _port(self, port):
        if isinstance(port, int):
            return port
        named = {p.get("name"): p["containerPort"] for p in self.container.spec.get("ports", [])}
        return named[port]
