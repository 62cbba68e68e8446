"""A small metrics.k8s.io server behind the API server's aggregation layer. What pods use is scripted, not measured.

The script is a ConfigMap `bed-usage` in the pods' namespace; its entry `rules` is a JSON list, and the first rule whose
`selector` fits a pod's labels counts:

    [{"selector": {"app": "web"}, "cpuTotal": "1500m"},       shared equally by the Ready pods that fit
     {"selector": {"app": "api"}, "containers": {"main": {"cpu": "80m"}, "proxy": {"memoryTotal": "1Gi"}}},
     {"selector": {}, "cpu": "200m", "memory": "64Mi"}]       used by each pod, spread evenly over its containers

The annotations `bed.tandem/usage-cpu` and `bed.tandem/usage-memory` on a pod come before any rule; a pod without usage
has no metrics. As with the real server, pods are sampled once per resolution: a sample carries the instant and the
window it covers, and a pod has none before its second sampling. The other two metrics groups are scripted_metrics.py's.
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
from metric_scripts import Pods, Script, check_amounts, failure, fits, is_labels, labels_of, ready, resource_list
from podspec import ANNOTATION, quantity
from scripted_metrics import ScriptedMetrics

GROUP_VERSION = "metrics.k8s.io/v1beta1"
PREFIX = f"/apis/{GROUP_VERSION}"
SCRIPT = "bed-usage"
AMOUNTS = ("cpu", "cpuTotal", "memory", "memoryTotal")


def check_rule(number, rule):
    """Raises ValueError, which says what is wrong with a rule."""
    if not isinstance(rule, dict) or not is_labels(rule.get("selector")):
        raise ValueError(f'rule {number} has no selector, such as {{"app": "web"}} or {{}}')
    containers = rule.get("containers", {})
    if not isinstance(containers, dict) or not all(isinstance(amounts, dict) for amounts in containers.values()):
        raise ValueError(f'rule {number}: containers are no amounts by name, such as {{"app": {{"cpu": "200m"}}}}')
    amounts = {name: value for name, value in rule.items() if name not in ("selector", "containers")}
    if containers and amounts:
        raise ValueError(f"rule {number} has amounts of the pod and of its containers, expected one of the two")
    for one in (amounts, *containers.values()):
        check_amounts(number, one, AMOUNTS)


class Usage:
    """What a pod uses now, by its annotations or the script."""

    def __init__(self, kube, pods):
        self.pods, self.script = pods, Script(kube, SCRIPT, "rules", check_rule)

    def of(self, pod):
        """{container: {'cpu': cores, 'memory': bytes}} of a pod; None when nothing is scripted for it."""
        annotations, labels = pod["metadata"].get("annotations") or {}, labels_of(pod)
        namespace = pod["metadata"]["namespace"]
        rule = next((r for r in self.script.of(namespace) if r["selector"].items() <= labels.items()), {})
        names = [c["name"] for c in pod["spec"]["containers"]]
        noted = {name: annotations.get(ANNOTATION + "usage-" + name) for name in ("cpu", "memory")}
        noted = {name: value for name, value in noted.items() if value}
        if rule.get("containers") and not noted:
            amounts = {name: self._amounts(pod, rule, rule["containers"].get(name, {})) for name in names}
            return {name: used for name, used in amounts.items() if used is not None}
        # what the pod uses is spread evenly over its containers
        used = self._amounts(pod, rule, {**rule, **noted})
        return used and {name: {key: value / len(names) for key, value in used.items()} for name in names}

    def _amounts(self, pod, rule, said):
        if not any(name in said for name in AMOUNTS):
            return None
        return {name: self._amount(pod, rule, said, name) for name in ("cpu", "memory")}

    def _amount(self, pod, rule, said, name):
        if name in said:
            return quantity(said[name])
        total = said.get(name + "Total")
        if total is None or not ready(pod):
            return 0
        return quantity(total) / self.pods.sharers(pod["metadata"]["namespace"], rule["selector"])


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
        for key, pod in self.usage.pods.all.items():
            if pod["status"].get("phase") != "Running":
                continue
            uid = pod["metadata"]["uid"]
            seen[uid] = now
            used = self.usage.of(pod)
            if uid in self.seen and used is not None:
                samples[key] = pod_metrics(pod, used, now, now - self.seen[uid])
        self.seen, self.samples = seen, samples


def pod_metrics(pod, used, now, window):
    """The API object of one sample."""
    instant = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    metadata = {key: pod["metadata"].get(key) for key in ("name", "namespace", "labels")}
    return {
        "kind": "PodMetrics",
        "apiVersion": GROUP_VERSION,
        "metadata": {**metadata, "creationTimestamp": instant},
        "timestamp": instant,
        "window": f"{window:.3f}s",
        "containers": [
            {"name": name, "usage": {"cpu": f"{of['cpu'] * 1e9:.0f}n", "memory": f"{of['memory'] / 1024:.0f}Ki"}}
            for name, of in used.items()
        ],
    }


def answer(path, query, samples):
    """(HTTP status, body) for the path and query of a GET."""
    if path == PREFIX:
        return resource_list(GROUP_VERSION, [("pods", "PodMetrics", ["get", "list"])])
    where = re.fullmatch(PREFIX + r"(?:/namespaces/([^/]+))?/pods(?:/([^/]+))?", path)
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
    sampler = scripted = None

    def do_GET(self):
        """One request; who may read was decided by the API server."""
        parts = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(parts.path), dict(urllib.parse.parse_qsl(parts.query))
        code, body = self.scripted.answer(path, query) or answer(path, query, self.sampler.samples)
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
    kube = Kube(options)
    pods = Pods(kube)
    Handler.scripted, Handler.sampler = ScriptedMetrics(kube, pods), Sampler(Usage(kube, pods), options.resolution)
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
