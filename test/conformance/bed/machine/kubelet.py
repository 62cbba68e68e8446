"""A stand-in kubelet without containers: the pods of Ray become real processes, other pods are only called Running.

A pod with a label `ray.io/...`, with an image that `--entrypoint` names, or with the annotation
`bed.tandem/real: "true"`, gets namespaces of its own (network with an address on the bridge, host name, IPC); each of
its containers gets a private root over the host's files and a process namespace, and runs the command line of its spec
word for word. Volumes, environment, service account tokens, init containers, probes, restarts with back-off, grace
periods and preStop hooks follow the spec. Images, users, security contexts and resource limits are ignored: a container
sees the host's programs, with Ray's first on PATH.

Annotations on a pod: `bed.tandem/hold: "true"` leaves it Pending until the annotation goes;
`bed.tandem/start-delay: "20"` waits that many seconds first, as pulling an image would.
"""

import argparse
import datetime
import os
import threading
import time

import logserver
from container import now
from kube import STRATEGIC, Kube, add_access_options
from pod import Pod
from podspec import SYSTEM_PATH

HEARTBEAT_SECONDS = 5
LOG_PORT = 10250
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


def unfinished(o):
    """True for a pod that needs a kubelet: to start it, or to let it go."""
    return "deletionTimestamp" in o["metadata"] or o["status"].get("phase") in ("Pending", None)


class Kubelet:
    """Every node of the bed and the pods on them."""

    def __init__(self, options):
        self.kube, self.run, self.gateway, self.pods = Kube(options), options.run, options.gateway, {}
        self.box = os.path.join(os.path.dirname(os.path.abspath(__file__)), "box.sh")
        self.log_dir = self.run + "/logs/pods"
        self.venv = os.path.abspath(options.venv)
        self.sidecar_path = [os.path.abspath(d) for d in (options.sidecar_path or "").split(":") if d]
        shown = {self.venv, *self.sidecar_path, *(os.path.abspath(d) for d in options.show)}
        self.shown = sorted(shown.difference(SYSTEM_PATH))
        self.node_path = [options.node_path] if options.node_path else []
        self.entrypoints = dict(e.split("=", 1) for e in options.entrypoint)
        self.hold = [label.split("=", 1) for label in options.hold]
        self.capacity = dict(r.split("=", 1) for r in options.node.split(","))
        self.lock, self.addresses, self.turns = threading.Lock(), 1, threading.Semaphore(options.starts)
        self.api_ip = self.kube.get("/api/v1/namespaces/default/services/kubernetes")["spec"]["clusterIP"]
        os.makedirs(self.run + "/state/names", exist_ok=True)
        os.makedirs(self.log_dir, exist_ok=True)

    def address(self):
        """A number and an address that no pod has had."""
        with self.lock:
            self.addresses += 1
            high, low = divmod(self.addresses, 250)
            return self.addresses, f"{self.gateway.rsplit('.', 2)[0]}.{high}.{low + 2}"

    def entrypoint(self, image):
        """The words that an image would run by itself; none for an image that the bed does not know."""
        name = image.rsplit("/", 1)[-1].split("@")[0].split(":")[0]
        return [self.entrypoints[name]] if name in self.entrypoints else []

    def on_list(self, items):
        """Takes in all pods there are."""
        known = {o["metadata"]["uid"] for o in items}
        for uid, pod in list(self.pods.items()):
            if uid not in known:
                pod.update("DELETED", pod.o)
        for o in items:
            self.on_event("ADDED", o)

    def on_event(self, kind, o):
        """Takes in one change; a pod begins once the scheduler has bound it."""
        uid = o["metadata"]["uid"]
        if uid in self.pods:
            self.pods[uid].update(kind, o)
        elif kind != "DELETED" and o["spec"].get("nodeName") and unfinished(o) and self.is_node(o["spec"]["nodeName"]):
            self.pods[uid] = Pod(self, o)
            self.pods[uid].start()

    def is_node(self, name):
        """Whether there is a Node of this name; no kubelet answers for pods bound to another."""
        return self.kube.get(f"/api/v1/nodes/{name}", ok=(404,)) is not None

    def heartbeat(self):
        """Keeps every Node object alive: the one made here, and any that a test creates to stand for new capacity."""
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "bed-0", "labels": {"kubernetes.io/hostname": "bed-0"}},
        }
        self.kube.call("POST", "/api/v1/nodes", node, ok=(409,))
        while True:
            try:
                for node in self.kube.get("/api/v1/nodes")["items"]:
                    self.beat(node)
            except Exception as error:
                print("heartbeat:", error, flush=True)
            time.sleep(HEARTBEAT_SECONDS)

    def beat(self, node):
        """Renews a node's lease, and makes it Ready when it is not."""
        name = node["metadata"]["name"]
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {"holderIdentity": name, "leaseDurationSeconds": 40, "renewTime": stamp}
        if self.kube.call("PATCH", f"{LEASES}/{name}", {"spec": spec}, STRATEGIC, ok=(404,)) is None:
            head = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}}
            self.kube.call("POST", LEASES, {**head, "spec": spec})
        conditions = node["status"].get("conditions", [])
        if not any(c["type"] == "Ready" and c["status"] == "True" for c in conditions):
            self.kube.call("PATCH", f"/api/v1/nodes/{name}/status", {"status": self.node_status(node)}, STRATEGIC)

    def node_status(self, node):
        """The status of a healthy node; its capacity is its own, or else that of the options."""
        capacity = node["status"].get("capacity") or {"pods": "1000", **self.capacity}
        system = {"kubeletVersion": "bed", "operatingSystem": "linux", "architecture": "amd64", "osImage": "bed"}
        ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
        return {
            "capacity": capacity,
            "allocatable": capacity,
            "addresses": [{"type": "InternalIP", "address": self.gateway}],
            "nodeInfo": system,
            "daemonEndpoints": {"kubeletEndpoint": {"Port": LOG_PORT}},
            "conditions": [{**ready, "lastHeartbeatTime": now(), "lastTransitionTime": now()}],
        }


def main():
    """Runs the kubelet until the bed ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_access_options(parser)
    for name in "run", "gateway", "venv":
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--sidecar-path", metavar="DIR[:DIR]", help="first on PATH of containers named `autoscaler`")
    parser.add_argument(
        "--show", metavar="DIR", action="append", default=[], help="show DIR to every container, read-only"
    )
    parser.add_argument("--node-path", metavar="DIR", help="where node is; comes after Ray's programs on every PATH")
    parser.add_argument(
        "--entrypoint",
        metavar="IMAGE=FILE",
        action="append",
        default=[],
        help="what the image of this name runs, for real; programs beside FILE come first on PATH",
    )
    parser.add_argument(
        "--hold", metavar="KEY=VALUE", action="append", default=[], help="leave pods with this label Pending"
    )
    parser.add_argument(
        "--node",
        metavar="RESOURCE=QUANTITY,...",
        default="cpu=64,memory=256Gi,nvidia.com/gpu=8",
        help="capacity of a node (what the scheduler counts with)",
    )
    parser.add_argument(
        "--starts",
        type=int,
        metavar="N",
        default=max(1, (os.cpu_count() or 1) // 2),
        help="Ray nodes that may start at the same time",
    )
    kubelet = Kubelet(parser.parse_args())
    threading.Thread(target=kubelet.heartbeat, daemon=True).start()
    logserver.serve((kubelet.gateway, LOG_PORT), kubelet.run + "/pki", kubelet.log_dir)
    kubelet.kube.watch("/api/v1/pods", kubelet.on_list, kubelet.on_event)


if __name__ == "__main__":
    main()
