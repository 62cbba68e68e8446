"""What both metrics servers stand on: the bed's pods, scripts in ConfigMaps, label selectors, answers of an API."""

import json
import re

from podspec import quantity


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


def labels_of(pod):
    """The labels of an object, none as well."""
    return pod["metadata"].get("labels") or {}


def check_amounts(number, amounts, known):
    """Raises ValueError unless each entry is a quantity of a known name."""
    for name, value in amounts.items():
        if name not in known:
            raise ValueError(f"rule {number}: {name} is none of {', '.join(known)}")
        try:
            quantity(value)
        except (AttributeError, KeyError, ValueError):
            raise ValueError(f"rule {number}: {name} is no quantity: {value}") from None


def is_labels(value):
    """True for a JSON object of texts, such as {"app": "web"} or {}."""
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


class Pods:
    """All pods as a watch brings them."""

    def __init__(self, kube):
        self.all = {}
        kube.watch_in_background("/api/v1/pods", self._listed, self._changed)

    def _listed(self, items):
        self.all = {(o["metadata"]["namespace"], o["metadata"]["name"]): o for o in items}

    def _changed(self, kind, o):
        key = o["metadata"]["namespace"], o["metadata"]["name"]
        pods = dict(self.all)
        if kind == "DELETED":
            pods.pop(key, None)
        else:
            pods[key] = o
        self.all = pods

    def that_fit(self, namespace, selector):
        """The pods of a namespace that have the labels of a rule's selector, by name."""
        return [
            pod
            for (where, _), pod in sorted(self.all.items())
            if where == namespace and selector.items() <= labels_of(pod).items()
        ]

    def sharers(self, namespace, selector):
        """How many share what a rule gives to all: the Ready ones; never 0."""
        return max(1, sum(ready(pod) for pod in self.that_fit(namespace, selector)))


class Script:
    """The rules of each namespace's ConfigMap of one name, as a watch brings them."""

    def __init__(self, kube, name, entry, check):
        """`check(number, rule)` raises ValueError, which says what is wrong with a rule; they count from 1."""
        self.name, self.entry, self.check, self.rules = name, entry, check, {}
        path = f"/api/v1/configmaps?fieldSelector=metadata.name%3D{name}"
        kube.watch_in_background(path, self._listed, self._changed)

    def of(self, namespace):
        """The rules of a namespace, in their order."""
        return self.rules.get(namespace, [])

    def _listed(self, items):
        self.rules = {}
        for o in items:
            self._changed("ADDED", o)

    def _changed(self, kind, o):
        namespace = o["metadata"]["namespace"]
        try:
            self.rules[namespace] = [] if kind == "DELETED" else self._parsed(o.get("data") or {})
        except ValueError as error:
            print(f"{self.name} in {namespace} is wrong, what held before goes on: {error}", flush=True)

    def _parsed(self, data):
        if self.entry not in data:
            raise ValueError(f"it has no entry `{self.entry}`")
        rules = json.loads(data[self.entry])
        if not isinstance(rules, list):
            raise ValueError(f"`{self.entry}` is no JSON list")
        for number, rule in enumerate(rules, 1):
            self.check(number, rule)
        return rules


def resource_list(group_version, resources):
    """What discovery shows of a group: `resources` are (name, kind, verbs)."""
    shown = [
        {"name": name, "singularName": "", "namespaced": True, "kind": kind, "verbs": verbs}
        for name, kind, verbs in resources
    ]
    return 200, {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": shown}


def failure(code, reason, message):
    """A Status object, as the API server words errors."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message}
    return code, {**body, "code": code}
