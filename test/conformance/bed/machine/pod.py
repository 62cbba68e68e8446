"""One pod from binding to deletion, in a thread of its own: containers, phase, conditions, status."""

import json
import os
import shutil
import threading
import time

from container import Container, now, write
from kube import STRATEGIC
from podspec import ANNOTATION
from sandbox import Sandbox
from volumes import Volumes

# A Ray node that starts may keep others waiting for this many seconds.
LONGEST_TURN = 60
DEFAULT_GRACE = 30


class Pod(threading.Thread):
    """A pod that the scheduler has bound to a node of the bed."""

    def __init__(self, kubelet, o):
        super().__init__(daemon=True)
        self.kubelet, self.o, self.wake, self.gone = kubelet, o, threading.Event(), False
        self.name, self.ns, self.uid = (o["metadata"][k] for k in ("name", "namespace", "uid"))
        self.path = f"/api/v1/namespaces/{self.ns}/pods/{self.name}"
        self.dir = f"{kubelet.run}/state/pods/{self.uid}"
        self.link = f"{kubelet.run}/state/names/{self.ns}_{self.name}"
        self.ip = self.sandbox = self.volumes = self.reported = self.turn = None
        self.phase, self.since, self.conditions = "Pending", now(), {}
        self.policy = o["spec"].get("restartPolicy", "Always")
        self.inits = [Container(self, c) for c in o["spec"].get("initContainers", [])]
        self.containers = [Container(self, c) for c in o["spec"]["containers"]]
        labels = o["metadata"].get("labels", {})
        self.real = (
            self.annotation("real") == "true"
            or any(key.startswith("ray.io/") for key in labels)
            or any(kubelet.entrypoint(c.image) for c in self.containers)
            or self.containers[0].name == "ray-job-submitter"  # a RayJob's; it carries no Ray label
        )
        self.held = any(labels.get(key) == value for key, value in kubelet.hold)
        self.resolv_conf = (
            f"nameserver {kubelet.gateway}\n"
            f"search {self.ns}.svc.cluster.local svc.cluster.local cluster.local\n"
            "options ndots:5\n"
        )

    @property
    def enter_sandbox(self):
        """The words that put a command into the pod's namespaces."""
        return self.sandbox.enter

    def log(self, text):
        """One line in the kubelet's log."""
        print(f"{time.strftime('%T')} {self.ns}/{self.name}: {text}", flush=True)

    def annotation(self, key):
        """The value of one of the bed's annotations on the pod."""
        return self.o["metadata"].get("annotations", {}).get(ANNOTATION + key)

    def container_spec(self, name):
        """A container's spec in the newest object: resources may be resized in place."""
        spec = self.o["spec"]
        return next((c for c in spec["containers"] + spec.get("initContainers", []) if c["name"] == name), {})

    def update(self, kind, o):
        """Takes in what the watch brought."""
        self.o, self.gone = o, self.gone or kind == "DELETED"
        self.wake.set()

    def leaving(self):
        """True once the pod is to end."""
        return self.gone or "deletionTimestamp" in self.o["metadata"]

    def tick(self, seconds):
        """Waits, at most until something happens to the pod."""
        self.wake.wait(seconds)
        self.wake.clear()

    def run(self):
        """The whole life of the pod."""
        try:
            self.live()
        except Exception as error:
            self.log(f"failed: {error!r}")
            self.phase = "Failed"
        self.give_turn()
        while not self.leaving():
            self.report()
            self.tick(5)
        self.end()

    def live(self):
        """Until the pod is to end, or its containers have."""
        self.wait_for_start()
        if self.leaving():
            return
        number, self.ip = self.kubelet.address()
        if not self.real:
            self.pretend()
            return
        self.sandbox = Sandbox(self.name, number, self.ip, self.kubelet.gateway)
        write(self.dir + "/first", self.containers[0].name)
        if os.path.lexists(self.link):
            os.remove(self.link)
        os.symlink(self.dir, self.link)
        self.volumes = self.patiently(lambda: Volumes(self))
        if not self.initialize():
            return
        self.take_turn()
        for container in self.containers:
            self.patiently(container.start)
        self.phase = "Running"
        self.watch_over()

    def wait_for_start(self):
        """Pending for as long as the bed's options or the pod's annotations say."""
        begin = time.monotonic() + float(self.annotation("start-delay") or 0)
        while not self.leaving() and (self.held or self.annotation("hold") == "true" or time.monotonic() < begin):
            self.report()
            self.tick(0.5)

    def pretend(self):
        """An ordinary pod: running in name only."""
        for container in self.containers:
            container.state, container.ready, container.started = {"running": {"startedAt": now()}}, True, True
        self.phase = "Running"

    def initialize(self):
        """Runs the init containers one after the other; False when one failed or the pod is to end."""
        for container in self.inits:
            self.patiently(container.start)
            sidecar = container.spec.get("restartPolicy") == "Always"
            policy = "Always" if sidecar else "Never" if self.policy == "Never" else "OnFailure"
            while not self.leaving() and container.observe(policy):
                if sidecar and container.started:
                    break
                self.report()
                self.tick(0.5)
            if self.leaving():
                return False
            if container.exit_code():
                self.phase = "Failed"
                return False
            container.ready = True
        return not self.leaving()

    def watch_over(self):
        """Restarts containers as the policy says, until all have ended for good."""
        while not self.leaving():
            if self.turn and (time.monotonic() > self.turn or all(c.settled() for c in self.containers)):
                self.give_turn()
            try:
                self.volumes.refresh()
            except (LookupError, OSError) as error:
                self.log(f"volumes not renewed: {error}")
            alive = [c.observe(self.policy) for c in self.containers]
            for container in self.inits:
                if "running" in container.state:
                    container.observe("Always")
            if not any(alive):
                self.phase = "Failed" if any(c.exit_code() for c in self.containers) else "Succeeded"
                return
            self.report()
            self.tick(0.5)

    def take_turn(self):
        """Ray nodes start a few at a time: several at once on busy cores would all be slow."""
        while any(c.starts_ray() for c in self.containers) and not self.leaving() and not self.turn:
            if self.kubelet.turns.acquire(timeout=0.5):
                self.turn = time.monotonic() + LONGEST_TURN
            self.report()

    def give_turn(self):
        """Lets the next Ray node start."""
        if self.turn:
            self.turn = None
            self.kubelet.turns.release()

    def patiently(self, step):
        """Repeats a step that needs something which may not exist yet: a ConfigMap, a service account."""
        while not self.leaving():
            try:
                return step()
            except (LookupError, OSError) as error:
                self.log(f"waiting: {error}")
                self.report()
                self.tick(2)
        return None

    def set_condition(self, kind, true, reason=None):
        """Sets a condition; its time moves only when the status does."""
        old, status = self.conditions.get(kind, {}), "True" if true else "False"
        since = old["lastTransitionTime"] if old.get("status") == status else now()
        self.conditions[kind] = {
            "type": kind,
            "status": status,
            "lastTransitionTime": since,
            "reason": None if true else reason,
        }

    def status(self):
        """The pod's status, with its conditions brought up to date."""
        ready = self.phase == "Running" and all(c.ready for c in self.containers)
        why = "PodCompleted" if self.phase == "Succeeded" else "ContainersNotReady"
        initialized = all(c.ready or c.exit_code() == 0 for c in self.inits)
        self.set_condition("PodReadyToStartContainers", self.ip is not None)
        self.set_condition("Initialized", initialized, "ContainersNotInitialized")
        self.set_condition("ContainersReady", ready, why)
        self.set_condition("Ready", ready, why)
        if initialized:
            for container in self.containers:
                if container.process is None and "waiting" in container.state:
                    container.state = {"waiting": {"reason": "ContainerCreating"}}
        status = {
            "phase": self.phase,
            "hostIP": self.kubelet.gateway,
            "hostIPs": [{"ip": self.kubelet.gateway}],
            "startTime": self.since,
            "conditions": list(self.conditions.values()),
            # The real kubelet sorts the containers too.
            "containerStatuses": [c.status() for c in sorted(self.containers, key=lambda c: c.name)],
        }
        if self.inits:
            status["initContainerStatuses"] = [c.status() for c in self.inits]
        if self.ip:
            status.update(podIP=self.ip, podIPs=[{"ip": self.ip}])
        return status

    def report(self):
        """Writes the status to the API server if it changed."""
        status = self.status()
        text = json.dumps(status)
        if text == self.reported or self.gone:
            return
        body = {"metadata": {"uid": self.uid}, "status": status}
        try:
            self.kubelet.kube.call("PATCH", self.path + "/status", body, STRATEGIC, ok=(404, 409))
            self.reported = text
        except Exception as error:
            self.log(f"status not written: {error}")

    def end(self):
        """Ends the containers within the grace period, drops the namespaces, and lets the API server forget the pod."""
        grace = self.o["metadata"].get("deletionGracePeriodSeconds")
        begin = time.monotonic()
        deadline = begin + (0 if self.gone else DEFAULT_GRACE if grace is None else grace)
        stops = [threading.Thread(target=c.stop, args=(deadline,)) for c in self.inits + self.containers]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()
        if self.sandbox:
            self.note_end()
            self.log(f"ended after {time.monotonic() - begin:.1f} s")
            self.sandbox.close()
            if os.path.lexists(self.link) and os.readlink(self.link) == self.dir:
                os.remove(self.link)
            shutil.rmtree(self.dir, ignore_errors=True)
        self.forget()
        self.kubelet.pods.pop(self.uid, None)

    def note_end(self):
        """Reports how the containers ended."""
        for container in self.inits + self.containers:
            if container.process:
                container.observe("Never")
        if self.phase == "Running" and any(c.exit_code() is not None for c in self.containers):
            self.phase = "Failed" if any(c.exit_code() for c in self.containers) else "Succeeded"
        self.report()

    def forget(self):
        """Deletes the object for good, as often as it takes."""
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": self.uid}}
        while not self.gone:
            try:
                self.kubelet.kube.call("DELETE", self.path, body, ok=(404, 409))
                return
            except Exception as error:
                self.log(f"not deleted: {error}")
                self.tick(2)
