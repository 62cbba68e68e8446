"""custom.metrics.k8s.io and external.metrics.k8s.io, as an adapter would serve them; the values are scripted.

The script is a ConfigMap `bed-metrics` in the namespace that is asked about; its entry `metrics` is a JSON list. A rule
has a `metric`, and says of what: of pods, of one object, or of something outside the cluster.

    [{"metric": "requests", "pods": {"app": "web"}, "value": "10"},      each Ready pod that fits
     {"metric": "requests", "pods": {"app": "api"}, "total": "30"},      shared equally by the Ready pods that fit
     {"metric": "waiting", "object": "services/front", "value": "7"},    `deployments.apps/web` for a kind of a group
     {"metric": "waiting", "object": "metrics", "value": "7"},           of the namespace itself
     {"metric": "depth", "external": {"queue": "a"}, "value": "12"}]     with these labels

Rules for pods and objects may have `labels`, which a metric selector is held against.
"""

import datetime
import re

from metric_scripts import Script, check_amounts, failure, fits, is_labels, labels_of, ready, resource_list
from podspec import quantity

CUSTOM = "custom.metrics.k8s.io/v1beta2"
EXTERNAL = "external.metrics.k8s.io/v1beta1"
SUBJECTS = ("pods", "object", "external")


def check_rule(number, rule):
    """Raises ValueError, which says what is wrong with a rule."""
    if not isinstance(rule, dict) or not isinstance(rule.get("metric"), str):
        raise ValueError(f"rule {number} has no metric")
    if [name in rule for name in SUBJECTS].count(True) != 1:
        raise ValueError(f"rule {number} is not about one of {', '.join(SUBJECTS)}")
    if "object" in rule and not isinstance(rule["object"], str):
        raise ValueError(f"rule {number}: object is no text such as services/front")
    for name in ("pods", "external", "labels"):
        if name in rule and not is_labels(rule[name]):
            raise ValueError(f'rule {number}: {name} are no labels, such as {{"app": "web"}} or {{}}')
    amounts = {name: value for name, value in rule.items() if name not in ("metric", "labels", *SUBJECTS)}
    check_amounts(number, amounts, ("value", "total") if "pods" in rule else ("value",))
    if len(amounts) != 1:
        raise ValueError(f"rule {number} has {len(amounts)} amounts, expected one")


def printed(number):
    """A quantity, exact to the thousandth."""
    return f"{number:.0f}" if number == int(number) else f"{number * 1000:.0f}m"


def shown(rule):
    """The name of a rule's metric in discovery."""
    if "external" in rule:
        return rule["metric"]
    return "/".join(("pods" if "pods" in rule else rule["object"].split("/")[0], rule["metric"]))


def now():
    """This instant, as the API writes it."""
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class ScriptedMetrics:
    """Answers for the two groups."""

    def __init__(self, kube, pods):
        self.pods, self.script = pods, Script(kube, "bed-metrics", "metrics", check_rule)

    def answer(self, path, query):
        """(HTTP status, body) for the path and query of a GET; None for a path of another group."""
        if path == f"/apis/{CUSTOM}":
            names = self._names(("pods", "object"))
            return resource_list(CUSTOM, [(name, "MetricValueList", ["get"]) for name in names])
        if path == f"/apis/{EXTERNAL}":
            names = self._names(("external",))
            return resource_list(EXTERNAL, [(name, "ExternalMetricValueList", ["get"]) for name in names])
        asked = re.fullmatch(rf"/apis/({CUSTOM}|{EXTERNAL})/namespaces/([^/]+)/(.+)", path)
        if not asked:
            return None
        group, namespace, rest = asked.groups()
        if group == EXTERNAL:
            return self._external(namespace, rest, query.get("labelSelector", ""))
        subject, _, metric = rest.rpartition("/")
        if subject.startswith("pods/"):
            return self._of_pods(namespace, subject, metric, query)
        return self._of_object(namespace, subject, metric, query)

    def _names(self, subjects):
        rules = [rule for rules in list(self.script.rules.values()) for rule in rules]
        return sorted({shown(rule) for rule in rules if any(subject in rule for subject in subjects)})

    def _rules(self, namespace, subject, metric):
        return [rule for rule in self.script.of(namespace) if subject in rule and rule["metric"] == metric]

    def _of_pods(self, namespace, subject, metric, query):
        rules = self._rules(namespace, "pods", metric)
        if not rules:
            return failure(404, "NotFound", f"the server could not find the metric {metric} for pods")
        name, items, told = subject.removeprefix("pods/"), [], set()
        for rule in rules:
            if not fits(query.get("metricLabelSelector", ""), rule.get("labels", {})):
                continue
            for pod in self.pods.that_fit(namespace, rule["pods"]):
                own = pod["metadata"]["name"]
                asked = fits(query.get("labelSelector", ""), labels_of(pod)) if name == "*" else own == name
                if not asked or own in told or not ready(pod):
                    continue
                told.add(own)
                value = quantity(rule.get("value", "0"))
                if "total" in rule:
                    value = quantity(rule["total"]) / self.pods.sharers(namespace, rule["pods"])
                items.append(self._item({"kind": "Pod", "apiVersion": "v1", "name": own}, namespace, metric, value))
        return self._list(items)

    def _of_object(self, namespace, subject, metric, query):
        rules = [rule for rule in self._rules(namespace, "object", metric) if rule["object"] == subject]
        resource, _, name = subject.partition("/")
        if not rules:
            about = f"{resource} {name}".strip()
            return failure(404, "NotFound", f"the server could not find the metric {metric} for {about}")
        selector = query.get("metricLabelSelector", "")
        chosen = [rule for rule in rules if fits(selector, rule.get("labels", {}))]
        described = {"kind": resource, "name": name or namespace}
        return self._list([self._item(described, namespace, metric, quantity(rule["value"])) for rule in chosen[:1]])

    def _item(self, described, namespace, metric, value):
        about = {"describedObject": {**described, "namespace": namespace}, "metric": {"name": metric}}
        return {**about, "timestamp": now(), "value": printed(value)}

    def _list(self, items):
        return 200, {"kind": "MetricValueList", "apiVersion": CUSTOM, "metadata": {}, "items": items}

    def _external(self, namespace, metric, selector):
        rules = self._rules(namespace, "external", metric)
        if not rules:
            return failure(404, "NotFound", f"the server could not find the metric {metric} for {namespace}")
        items = [
            {"metricName": metric, "metricLabels": rule["external"], "timestamp": now(), "value": rule["value"]}
            for rule in rules
            if fits(selector, rule["external"])
        ]
        return 200, {"kind": "ExternalMetricValueList", "apiVersion": EXTERNAL, "metadata": {}, "items": items}
