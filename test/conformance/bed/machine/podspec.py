"""What a pod's spec says about a container's environment: variables, with everything that a value may be drawn from."""

import base64
import math
import os
import re

ANNOTATION = "bed.tandem/"
SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
SUFFIX = {
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12},
    **{"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40},
}


def quantity(text):
    """The number that a Kubernetes quantity stands for."""
    number, suffix = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", str(text)).groups()
    return float(number) * SUFFIX[suffix]


def expand(text, env):
    """Kubernetes' own expansion: $(NAME), with $$ for a plain dollar; an unknown name stays as it is."""
    return re.sub(r"\$\$|\$\(([^)]*)\)", lambda m: "$" if m[0] == "$$" else env.get(m[1], m[0]), text)


def field(pod, path):
    """The value of a downward-API field path."""
    keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.*)'\]", path)
    if keyed:
        return pod.o["metadata"].get(keyed[1], {}).get(keyed[2], "")
    if path in ("status.podIP", "status.podIPs"):
        return pod.ip
    if path in ("status.hostIP", "status.hostIPs"):
        return pod.kubelet.gateway
    *parents, last = path.split(".")
    value = pod.o
    for step in parents:
        value = value.get(step, {})
    value = value.get(last, "")
    return "\n".join(f'{k}="{v}"' for k, v in sorted(value.items())) if isinstance(value, dict) else str(value)


def resource(pod, container_name, ref):
    """The value of a resource field, in units of its divisor, rounded up."""
    half, name = ref["resource"].split(".", 1)
    resources = pod.container_spec(ref.get("containerName") or container_name).get("resources", {})
    found = resources.get(half, {}).get(name) or resources.get("limits", {}).get(name) or "0"
    divisor = quantity(ref.get("divisor") or "1") or 1
    return str(math.ceil(quantity(found) / divisor))


class Objects:
    """ConfigMaps and Secrets of the pod's namespace, as name -> bytes."""

    def __init__(self, pod):
        self.pod = pod

    def read(self, kind, name, optional=False):
        """The object's entries; none for an absent optional one. Raises LookupError when one needed is absent."""
        found = self.pod.kubelet.kube.get(f"/api/v1/namespaces/{self.pod.ns}/{kind}/{name}", ok=(404,))
        if found is None:
            if optional:
                return {}
            raise LookupError(f"{kind} {name} not found")
        texts = {} if kind == "secrets" else {k: v.encode() for k, v in (found.get("data") or {}).items()}
        coded = found.get("data") if kind == "secrets" else found.get("binaryData")
        return {**texts, **{k: base64.b64decode(v) for k, v in (coded or {}).items()}}

    def entry(self, kind, ref):
        """One entry as text; None for an absent optional one."""
        values = self.read(kind, ref["name"], ref.get("optional"))
        if ref["key"] in values:
            return values[ref["key"]].decode()
        if ref.get("optional"):
            return None
        raise LookupError(f"key {ref['key']} not in {kind} {ref['name']}")


def base_environment(pod, container):
    """What an image, the container engine and a small machine would add to the spec's own variables."""
    kubelet = pod.kubelet
    path = [kubelet.venv + "/bin", *kubelet.node_path, *SYSTEM_PATH]
    if container["name"] == "autoscaler":
        path = [*kubelet.sidecar_path, *path]
    # An image's own programs come first, also in the autoscaler's container: there the image decides who scales, as on a real cluster.
    path = [*(os.path.dirname(file) for file in kubelet.entrypoint(container.get("image", ""))), *path]
    return {
        "PATH": ":".join(path),
        "HOME": "/home/ray",
        "HOSTNAME": pod.name,
        "LANG": "C.UTF-8",
        "RAY_USAGE_STATS_ENABLED": "0",
        # Busy cores: a raylet waits this long for its agent, and `ray start` for its raylet.
        "RAY_agent_register_timeout_ms": "120000",
        "RAY_raylet_start_wait_time_s": "120",
        "KUBERNETES_SERVICE_HOST": kubelet.api_ip,
        "KUBERNETES_SERVICE_PORT": "443",
        "KUBERNETES_SERVICE_PORT_HTTPS": "443",
        "KUBERNETES_PORT": f"tcp://{kubelet.api_ip}:443",
    }


def environment(pod, container):
    """Every variable of a container. Raises LookupError while something it draws from is absent."""
    objects, env = Objects(pod), base_environment(pod, container)
    for source in container.get("envFrom") or []:
        for key, kind in ("configMapRef", "configmaps"), ("secretRef", "secrets"):
            if key in source:
                values = objects.read(kind, source[key]["name"], source[key].get("optional"))
                env.update({source.get("prefix", "") + k: v.decode() for k, v in values.items()})
    for item in container.get("env") or []:
        value = one_variable(pod, container, objects, item, env)
        if value is not None:
            env[item["name"]] = value
    return env


def one_variable(pod, container, objects, item, env):
    """The value of one entry of `env`; None when it is optional and absent."""
    source = item.get("valueFrom")
    if not source:
        return expand(item.get("value", ""), env)
    if "fieldRef" in source:
        return field(pod, source["fieldRef"]["fieldPath"])
    if "resourceFieldRef" in source:
        return resource(pod, container["name"], source["resourceFieldRef"])
    for key, kind in ("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets"):
        if key in source:
            return objects.entry(kind, source[key])
    raise LookupError(f"variable {item['name']}: a source of an unknown kind")
