"""
A real GCS with a head of no CPU and two workers of one CPU each, on this machine. Commands come by line on stdin, answers by line
on stdout. When stdin ends, however that comes about, every process that was started here is ended and its files are removed.

    real_gcs.py             the cluster: `drive` with a line for the driver, `running N` (answers when so many tasks have begun),
                            `forget` (ends the driver and all it asked for), `kill-gcs`
    real_gcs.py token T     a head alone that demands the token T
    real_gcs.py drive A F   the driver: `submit N` tasks (each that begins leaves a file in F), `group STRATEGY N` with N bundles,
                            `inside N` tasks in that group, `ungroup`, `request N` CPUs
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid

MARK = "TANDEM_REAL_GCS"
MIB = 1024 * 1024


def say(**answer):
    try:
        print(json.dumps(answer), flush=True)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # nobody listens any more; stdin ends, too


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    def __init__(self, workers, token=None):
        self.workers = workers
        self.token = token
        self.mark = f"{MARK}={uuid.uuid4().hex}"
        self.folder = tempfile.mkdtemp(prefix="tg-", dir="/tmp")  # socket paths must stay short
        self.begun = os.path.join(self.folder, "begun")
        self.address = None
        self.driver = None

    def environment(self, instance, group):
        name, value = self.mark.split("=")
        return {
            **{key: text for key, text in os.environ.items() if not key.startswith("RAY_")},
            name: value,
            "PATH": os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", ""),
            "RAY_CLOUD_INSTANCE_ID": instance,
            "RAY_NODE_TYPE_NAME": group,
            "RAY_enable_autoscaler_v2": "1",
            **({} if self.token is None else {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}),
        }

    def ray_start(self, instance, group, args):
        command = [
            os.path.join(os.path.dirname(sys.executable), "ray"),
            "start",
            "--disable-usage-stats",
            f"--memory={256 * MIB}",
            f"--object-store-memory={80 * MIB}",
            "--include-log-monitor=false",
            f"--temp-dir={os.path.join(self.folder, instance)}",
            *args,
        ]
        return subprocess.Popen(
            command,
            env=self.environment(instance, group),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start(self):
        port = free_port()
        head = ["--head", "--no-monitor", f"--port={port}", "--num-cpus=0", "--include-dashboard=false"]
        self.wait([self.ray_start("head", "headgroup", [*head, f"--ray-client-server-port={free_port()}"])])
        self.address = f"127.0.0.1:{port}"
        join = [f"--address={self.address}", "--num-cpus=1"]
        self.wait([self.ray_start(f"worker-{i}", "small", join) for i in range(self.workers)])

    @staticmethod
    def wait(starts):
        for start in starts:
            output, _ = start.communicate(timeout=120)
            if start.returncode != 0:
                raise RuntimeError(f"ray start ended with {start.returncode}: {output.decode()[-2000:]}")

    def drive(self, line):
        if self.driver is None:
            os.makedirs(self.begun)
            self.driver = subprocess.Popen(
                [sys.executable, os.path.abspath(__file__), "drive", self.address, self.begun],
                env=self.environment("", ""),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.driver.stdin.write(f"{line}\n".encode())
        self.driver.stdin.flush()
        if self.driver.stdout.readline().strip() != b"done":
            raise RuntimeError("the driver ended")

    def forget(self):
        if self.driver is not None:
            self.driver.kill()
            self.driver.wait()
            self.driver = None
            shutil.rmtree(self.begun)

    def running(self, count):
        # a node counts as busy while its worker process is still starting, and then gives its task away when it is drained
        deadline = time.monotonic() + 60
        while len(os.listdir(self.begun)) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{count} tasks did not begin within 60 s")
            time.sleep(0.05)

    def mine(self, program=""):
        """Process ids of everything that carries our mark."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    marked = self.mark.encode() in file.read().split(b"\0")
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    command = file.read().split(b"\0")[0].decode(errors="replace")
                with open(f"/proc/{name}/stat") as file:
                    alive = file.read().rpartition(")")[2].split()[0] != "Z"
            except OSError:
                continue
            if marked and alive and command.endswith(program):
                found.append(int(name))
        return found

    def kill(self, program=""):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            processes = self.mine(program)
            if not processes:
                return
            for process in processes:
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.02)
        raise RuntimeError(f"processes that do not end: {self.mine(program)}")

    def end(self):
        try:
            self.kill()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def run_cluster(workers, token=None):
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # the end of stdin is what counts
    cluster = Cluster(workers, token)
    try:
        cluster.start()
        say(address=cluster.address)
        for line in sys.stdin:
            command, *args = line.split()
            if command == "drive":
                cluster.drive(" ".join(args))
            elif command == "running":
                cluster.running(int(args[0]))
            elif command == "forget":
                cluster.forget()
            elif command == "kill-gcs":
                cluster.kill("gcs_server")
            say(done=command)
    except Exception as error:
        say(error=str(error))
    finally:
        cluster.end()


def drive(address, folder):
    import ray
    from ray.autoscaler.sdk import request_resources
    from ray.util.placement_group import placement_group, remove_placement_group
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    ray.init(address=address, log_to_driver=False, logging_level="ERROR")

    @ray.remote(num_cpus=1, max_retries=0)
    def work():
        tempfile.mkstemp(dir=folder)
        time.sleep(3600)

    kept = []
    group = None
    for line in sys.stdin:
        command, *args = line.split()
        if command == "submit":
            kept += [work.remote() for _ in range(int(args[0]))]
        elif command == "group":
            group = placement_group([{"CPU": 1}] * int(args[1]), strategy=args[0])
        elif command == "inside":
            inside = work.options(scheduling_strategy=PlacementGroupSchedulingStrategy(group))
            kept += [inside.remote() for _ in range(int(args[0]))]
        elif command == "ungroup":
            remove_placement_group(group)
        elif command == "request":
            request_resources(num_cpus=int(args[0]))
        print("done", flush=True)


if sys.argv[1:2] == ["drive"]:
    drive(sys.argv[2], sys.argv[3])
elif sys.argv[1:2] == ["token"]:
    run_cluster(workers=0, token=sys.argv[2])
else:
    run_cluster(workers=2)
