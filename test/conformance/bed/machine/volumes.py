"""The volumes of a pod as directories of the host, and where a container finds them."""

import os
import time

from podspec import Objects, field, resource

# Seconds between renewals of tokens and files; the API server gives tokens for at least this long.
RENEW = 600


class Volumes:
    """The pod's volumes as directories; tokens and files in them are renewed."""

    def __init__(self, pod):
        self.pod, self.objects, self.where, self.due = pod, Objects(pod), {}, 0.0
        for volume in self._volumes():
            host = volume["hostPath"]["path"] if "hostPath" in volume else f"{pod.dir}/volumes/{volume['name']}"
            self.where[volume["name"]] = host
            os.makedirs(host, exist_ok=True)
            if "emptyDir" in volume:
                os.chmod(host, 0o1777)
        self.refresh()

    def _volumes(self):
        return self.pod.o["spec"].get("volumes") or []

    def refresh(self):
        """Writes what the volumes hold, when that is due."""
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + RENEW
        for volume in self._volumes():
            for source in volume["projected"]["sources"] if "projected" in volume else [volume]:
                for path, data in self._files(source).items():
                    put(f"{self.where[volume['name']]}/{path}", data)

    def _files(self, source):
        """{relative path: bytes} of one source of a volume."""
        if "serviceAccountToken" in source:
            return {source["serviceAccountToken"]["path"]: self._token(source["serviceAccountToken"])}
        if "downwardAPI" in source:
            return {item["path"]: self._downward(item).encode() for item in source["downwardAPI"].get("items", [])}
        for key, kind in ("configMap", "configmaps"), ("secret", "secrets"):
            if key in source:
                ref = source[key]
                values = self.objects.read(kind, ref.get("name") or ref.get("secretName"), ref.get("optional"))
                return {i["path"]: values[i["key"]] for i in ref["items"]} if ref.get("items") else values
        return {}

    def _downward(self, item):
        if "fieldRef" in item:
            return field(self.pod, item["fieldRef"]["fieldPath"])
        return resource(self.pod, "", item["resourceFieldRef"])

    def _token(self, wanted):
        """A token of the pod's service account, bound to the pod."""
        pod = self.pod
        spec = {
            "expirationSeconds": max(wanted.get("expirationSeconds", 3600), 3600),
            "audiences": [wanted["audience"]] if wanted.get("audience") else [],
            "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": pod.name, "uid": pod.uid},
        }
        account = pod.o["spec"].get("serviceAccountName") or "default"
        path = f"/api/v1/namespaces/{pod.ns}/serviceaccounts/{account}/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return pod.kubelet.kube.call("POST", path, request)["status"]["token"].encode()

    def mounts(self, container):
        """Lines for box.sh, outer directories first."""
        # What the bed shows may lie below /tmp, which a container has for itself.
        lines = [(shown, shown, "ro") for shown in self.pod.kubelet.shown]
        for mount in container.get("volumeMounts") or []:
            source = self.where[mount["name"]]
            if mount.get("subPath"):
                source = f"{source}/{mount['subPath']}"
                if not os.path.exists(source):
                    os.makedirs(source)
            lines.append((mount["mountPath"], source, "ro" if mount.get("readOnly") else "rw"))
        return "".join(f"{source}\t{target}\t{mode}\n" for target, source, mode in sorted(lines))


def put(path, data):
    """Replaces a file in one step."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.chmod(path + ".new", 0o755)
    os.rename(path + ".new", path)
