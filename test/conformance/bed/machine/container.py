"""One container of a pod: its process, its state as the API shows it, its restarts."""

import datetime
import os
import shutil
import signal
import subprocess
import threading
import time

from logserver import log_file
from podspec import environment, expand
from probes import KINDS, Probe

# A kubelet's own back-off between restarts, in seconds.
FIRST_BACKOFF, LAST_BACKOFF, FORGIVEN_AFTER = 10, 300, 600
HOME = "/home/ray"


def now():
    """This instant as the API writes it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def write(path, text):
    """Writes a small file and the directories above it."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


class Container:
    """One container over all its runs."""

    def __init__(self, pod, spec):
        self.pod, self.spec, self.name, self.image = pod, spec, spec["name"], spec.get("image", "")
        self.dir = f"{pod.dir}/{self.name}"
        self.log = log_file(pod.kubelet.log_dir, pod.ns, pod.name, self.name)
        self.cwd = spec.get("workingDir") or HOME
        self.env = {}
        self.process = self.pid = None
        self.since = self.retry_at = self.backoff = 0.0
        self.restarts, self.started, self.ready = 0, False, False
        self.state, self.last = {"waiting": {"reason": "PodInitializing"}}, {}

    def start(self):
        """Starts one run. Raises LookupError or OSError while something it needs is absent."""
        pod = self.pod
        shutil.rmtree(self.dir, ignore_errors=True)
        self.env = environment(pod, self.spec)
        for name, text in (
            ("mounts", pod.volumes.mounts(self.spec)),
            ("env", "".join(f"{k}={v}\0" for k, v in self.env.items())),
            ("cwd", self.cwd),
            ("files/etc/resolv.conf", pod.resolv_conf),
            ("files/etc/hosts", f"127.0.0.1\tlocalhost\n{pod.ip}\t{pod.name}\n"),
            ("files/etc/hostname", pod.name + "\n"),
        ):
            write(f"{self.dir}/{name}", text)
        command = self.spec.get("command") or pod.kubelet.entrypoint(self.image)
        words = [expand(word, self.env) for word in command + (self.spec.get("args") or [])]
        self.process = subprocess.Popen(
            [*pod.enter_sandbox, pod.kubelet.box, self.dir, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # as in a real container: it can be opened again without being cut short
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._follow, args=(self.process,), daemon=True).start()
        self.pid, self.since = self._find_first_process(), time.monotonic()
        self.state = {"running": {"startedAt": now()}}
        self._start_probes()
        pod.log(f"{self.name} started, process {self.pid}")

    def _start_probes(self):
        probes = {kind: self.spec.get(kind + "Probe") for kind in KINDS}
        self.started = not probes["startup"]
        self.ready = self.started and not probes["readiness"]
        for kind, probe in probes.items():
            if probe:
                Probe(self, kind, probe).start()

    def _follow(self, process):
        """Copies the output into the log, until the run has ended."""
        with process.stdout, open(self.log, "ab", buffering=0) as log:
            while data := process.stdout.read1():
                log.write(data)
        process.wait()
        self.pod.wake.set()

    def _find_first_process(self):
        """Process 1 of the container, once it stands in its own root."""
        outer = self.process.pid
        for _ in range(200):
            try:
                with open(f"/proc/{outer}/task/{outer}/children") as file:
                    pid = int(file.read().split()[0])
                if os.readlink(f"/proc/{pid}/root") != "/":
                    write(self.dir + "/pid", str(pid))
                    return pid
            except (OSError, IndexError):
                if self.process.poll() is not None:
                    return None
            time.sleep(0.05)
        return None

    def execute(self, words, timeout):
        """Runs `words` inside this container; the exit code, or None when time ran out."""
        namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--root")
        variables = (f"{k}={v}" for k, v in self.env.items())
        process = subprocess.Popen(
            [
                "nsenter",
                "--target",
                str(self.pid),
                *namespaces,
                "--",
                "env",
                "-i",
                f"--chdir={self.cwd}",
                *variables,
                *words,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return None

    def starts_ray(self):
        """True for the container of a Ray node."""
        return "ray start " in " ".join(self.spec.get("args") or self.spec.get("command") or [])

    def settled(self):
        """False while a Ray node of this container is still starting."""
        if not self.starts_ray() or not self.running():
            return True
        with open(self.log, "rb") as file:
            return b"Ray runtime started" in file.read()

    def running(self):
        """True while a run is under way."""
        return self.process is not None and self.process.poll() is None

    def exit_code(self):
        """Exit code of the last run, None while there is none."""
        return self.state.get("terminated", {}).get("exitCode")

    def kill(self, number):
        """Sends a signal to the container's process 1."""
        if self.running() and self.pid:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                pass

    def stop(self, deadline):
        """Ends the run: preStop, SIGTERM, and SIGKILL at the deadline."""
        hook = self.spec.get("lifecycle", {}).get("preStop", {}).get("exec")
        if hook and self.running():
            self.execute(hook["command"], max(1, deadline - time.monotonic()))
        self.kill(signal.SIGTERM)
        if self.process is None:
            return
        try:
            self.process.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill(signal.SIGKILL)
            self.process.kill()
            self.process.wait()

    def observe(self, policy):
        """Notices an exit and decides on a restart. True while the container runs or will run again."""
        if self.running():
            return True
        if "running" in self.state:
            self._ended(policy)
        if "waiting" in self.state and self.process and time.monotonic() >= self.retry_at:
            try:
                self.start()
                self.restarts += 1
            except (LookupError, OSError) as error:
                self.pod.log(f"{self.name} does not start: {error}")
                self.retry_at = time.monotonic() + 2
        return "terminated" not in self.state

    def _ended(self, policy):
        code = self.process.returncode
        code = 128 - code if code < 0 else code
        begin = self.state["running"]["startedAt"]
        reason = "Error" if code else "Completed"
        self.state = {"terminated": {"exitCode": code, "reason": reason, "startedAt": begin, "finishedAt": now()}}
        self.ready = self.started = False
        self.pod.log(f"{self.name} ended with {code}")
        if policy == "Always" or (policy == "OnFailure" and code):
            if time.monotonic() - self.since > FORGIVEN_AFTER:
                self.backoff = 0
            self.retry_at = time.monotonic() + self.backoff
            self.backoff = min(LAST_BACKOFF, max(FIRST_BACKOFF, 2 * self.backoff))
            self.last = self.state
            self.state = {"waiting": {"reason": "CrashLoopBackOff" if self.restarts else "ContainerCreating"}}

    def status(self):
        """This container as the pod's status shows it."""
        resources = self.pod.container_spec(self.name).get("resources", {})
        return {
            "name": self.name,
            "image": self.image,
            "imageID": "host",
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": self.state,
            "lastState": self.last,
            "resources": resources,
            "allocatedResources": resources.get("requests", {}),
        }
