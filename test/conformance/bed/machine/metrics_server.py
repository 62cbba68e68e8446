"""A small metrics.k8s.io server behind the API server's aggregation layer. What pods use is scripted, not measured.

The script is a ConfigMap `bed-usage` in the pods' namespace; its entry `rules` is a JSON list, and the first rule whose
`selector` fits a pod's labels counts:

    [{"selector": {"app": "web"}, "cpuTotal": "1500m"},       shared equally by the Ready pods that fit
     {"selector": {}, "cpu": "200m", "memory": "64Mi"}]       used by each pod

The annotations `bed.tandem/usage-cpu` and `bed.tandem/usage-memory` on a pod come before any rule; a pod without usage
has no metrics. As with the real server, pods are sampled once per resolution: a sample carries the instant and the
window it covers, and a pod has none before its second sampling.
"""

import argparse
import datetime
import http.server
import json
import re
import ssl
import threading
import time
import urllib.parse

from kube import Kube, add_access_options
from podspec import ANNOTATION, quantity

GROUP_VERSION = "metrics.k8s.io/v1beta1"
PREFIX = f"/apis/{GROUP_VERSION}"
SCRIPT = "bed-usage"
AMOUNTS = ("cpu", "cpuTotal", "memory")


def fits(selector, labels):
    """True when labels fit a label selector in its query form: `a=b,c in (d,e),!f`."""
    for term in re.findall(r"(?:[^,(]|\([^)]*\))+", selector):
        equal = re.fullmatch(r"\s*(\S+?)\s*(==|=|!=)\s*(\S*)\s*", term)
        among = re.fullmatch(r"\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*", term)
        if equal:
            good = (labels.get(equal[1]) == equal[3]) == (equal[2] != "!=")
        elif among:
            good = (labels.get(among[1]) in [v.strip() for v in among[3].split(",")]) == (among[2] == "in")
        else:
            name = term.strip()
            good = name[1:].strip() not in labels if name.startswith("!") else name in labels
        if not good:
            return False
    return True


def ready(pod):
    """True when the pod's Ready condition is."""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def rules_of(data):
    """The rules of a script's data. Raises ValueError, which says what is wrong with which."""
    if "rules" not in data:
        raise ValueError("it has no entry `rules`")
    rules = json.loads(data["rules"])
    if not isinstance(rules, list):
        raise ValueError("`rules` is no JSON list")
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, dict) or not isinstance(rule.get("selector"), dict):
            raise ValueError(f'rule {number} has no selector, such as {{"app": "web"}} or {{}}')
        amounts = {name: value for name, value in rule.items() if name != "selector"}
        for name, value in amounts.items():
            if name not in AMOUNTS:
                raise ValueError(f"rule {number}: {name} is none of {', '.join(AMOUNTS)}")
            try:
                quantity(value)
            except (AttributeError, KeyError, ValueError):
                raise ValueError(f"rule {number}: {name} is no quantity: {value}") from None
    return rules


class Usage:
    """Pods and scripts as two watches bring them; says what a pod uses now."""

    def __init__(self, kube):
        self.pods, self.rules = {}, {}
        kube.watch_in_background("/api/v1/pods", self._pods_listed, self._pod_changed)
        scripts = f"/api/v1/configmaps?fieldSelector=metadata.name%3D{SCRIPT}"
        kube.watch_in_background(scripts, self._scripts_listed, self._script_changed)

    def _pods_listed(self, items):
        self.pods = {(o["metadata"]["namespace"], o["metadata"]["name"]): o for o in items}

    def _pod_changed(self, kind, o):
        key = o["metadata"]["namespace"], o["metadata"]["name"]
        pods = dict(self.pods)
        if kind == "DELETED":
            pods.pop(key, None)
        else:
            pods[key] = o
        self.pods = pods

    def _scripts_listed(self, items):
        self.rules = {}
        for o in items:
            self._script_changed("ADDED", o)

    def _script_changed(self, kind, o):
        namespace = o["metadata"]["namespace"]
        try:
            self.rules[namespace] = [] if kind == "DELETED" else rules_of(o.get("data") or {})
        except ValueError as error:
            print(f"{SCRIPT} in {namespace} is wrong, what held before goes on: {error}", flush=True)

    def of(self, pod):
        """{'cpu': cores, 'memory': bytes} of a pod; None when nothing is scripted for it."""
        annotations, labels = (pod["metadata"].get(k) or {} for k in ("annotations", "labels"))
        namespace = pod["metadata"]["namespace"]
        rule = next((r for r in self.rules.get(namespace, []) if r["selector"].items() <= labels.items()), {})
        cpu = annotations.get(ANNOTATION + "usage-cpu") or rule.get("cpu")
        memory = annotations.get(ANNOTATION + "usage-memory") or rule.get("memory")
        if cpu is None and "cpuTotal" in rule:
            cpu = quantity(rule["cpuTotal"]) / max(1, self._sharers(namespace, rule["selector"])) if ready(pod) else 0
        if cpu is None and memory is None:
            return None
        return {"cpu": quantity(cpu or 0), "memory": quantity(memory or 0)}

    def _sharers(self, namespace, selector):
        return sum(
            ready(pod) and selector.items() <= (pod["metadata"].get("labels") or {}).items()
            for (where, _), pod in self.pods.items()
            if where == namespace
        )


class Sampler:
    """Samples every running pod once per resolution; keeps the newest sample of each."""

    def __init__(self, usage, resolution):
        self.usage, self.resolution, self.samples, self.seen = usage, resolution, {}, {}

    def run(self):
        """Samples until the process ends."""
        while True:
            try:
                self.sample()
            except Exception as error:
                print("sample:", repr(error), flush=True)
            time.sleep(self.resolution)

    def sample(self):
        """One sampling."""
        now, seen, samples = time.time(), {}, {}
        for key, pod in self.usage.pods.items():
            if pod["status"].get("phase") != "Running":
                continue
            uid = pod["metadata"]["uid"]
            seen[uid] = now
            used = self.usage.of(pod)
            if uid in self.seen and used is not None:
                samples[key] = pod_metrics(pod, used, now, now - self.seen[uid])
        self.seen, self.samples = seen, samples


def pod_metrics(pod, used, now, window):
    """The API object of one sample; what the pod uses is spread evenly over its containers."""
    names = [c["name"] for c in pod["spec"]["containers"]]
    cpu, memory = used["cpu"] * 1e9 / len(names), used["memory"] / 1024 / len(names)
    instant = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {key: pod["metadata"].get(key) for key in ("name", "namespace", "labels")}
    return {
        "kind": "PodMetrics",
        "apiVersion": GROUP_VERSION,
        "metadata": {**metadata, "creationTimestamp": instant},
        "timestamp": instant,
        "window": f"{window:.3f}s",
        "containers": [{"name": n, "usage": {"cpu": f"{cpu:.0f}n", "memory": f"{memory:.0f}Ki"}} for n in names],
    }


def resource_list():
    """What discovery shows of the group."""
    pods = {"name": "pods", "singularName": "", "namespaced": True, "kind": "PodMetrics", "verbs": ["get", "list"]}
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": GROUP_VERSION, "resources": [pods]}


def failure(code, reason, message):
    """A Status object, as the API server words errors."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return code, {**body, "code": code}


def answer(url, samples):
    """(HTTP status, body) for the path and query of a GET."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    if parts.path == PREFIX:
        return 200, resource_list()
    where = re.fullmatch(PREFIX + r"(?:/namespaces/([^/]+))?/pods(?:/([^/]+))?", parts.path)
    if not where:
        return failure(404, "NotFound", "the server could not find the requested resource")
    namespace, name = where.groups()
    if name:
        found = samples.get((namespace, name))
        return (
            (200, found)
            if found
            else failure(404, "NotFound", f'podmetrics.metrics.k8s.io "{namespace}/{name}" not found')
        )
    items = [
        sample
        for (where, _), sample in sorted(samples.items())
        if namespace in (None, where) and fits(query.get("labelSelector", ""), sample["metadata"]["labels"] or {})
    ]
    return 200, {"kind": "PodMetricsList", "apiVersion": GROUP_VERSION, "metadata": {}, "items": items}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers what the API server passes on."""

    protocol_version = "HTTP/1.1"
    sampler = None

    def do_GET(self):
        """One request; who may read was decided by the API server."""
        code, body = answer(self.path, self.sampler.samples)
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        """Requests are not worth a line."""


def main():
    """Serves until the bed ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_access_options(parser)
    parser.add_argument("--listen", metavar="HOST:PORT", required=True)
    parser.add_argument("--resolution", type=float, default=15, metavar="SECONDS", help="between two samples of a pod")
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    Handler.sampler = Sampler(Usage(Kube(options)), options.resolution)
    threading.Thread(target=Handler.sampler.run, daemon=True).start()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.certificate, options.key)
    tls.load_verify_locations(options.ca)
    tls.verify_mode = ssl.CERT_REQUIRED  # only the API server's proxy may ask
    host, port = options.listen.rsplit(":", 1)
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
