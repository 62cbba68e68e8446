"""What the containers of one pod share: network, host-name and IPC namespaces, and an interface on the bridge."""

import os
import subprocess
import time


def quiet(*command):
    """Runs a command that must succeed."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Sandbox:
    """The namespaces, held by a sleeping process."""

    def __init__(self, host_name, number, ip, gateway):
        self.pause = subprocess.Popen(
            [
                "unshare",
                "--net",
                "--uts",
                "--ipc",
                "--",
                "sh",
                "-c",
                'hostname "$0" && exec sleep infinity',
                host_name[:63],
            ],
            stdin=subprocess.DEVNULL,
        )
        target = str(self.pause.pid)
        self.enter = ["nsenter", "--target", target, "--net", "--uts", "--ipc", "--"]
        while os.readlink(f"/proc/{target}/ns/net") == os.readlink("/proc/self/ns/net"):
            if self.pause.poll() is not None:
                raise OSError("the pod's namespaces were refused")
            time.sleep(0.01)
        quiet("ip", "link", "add", f"pod{number}", "type", "veth", "peer", "name", "eth0", "netns", target)
        quiet("ip", "link", "set", f"pod{number}", "master", "pods", "up")
        for command in (
            "link set lo up",
            f"addr add {ip}/16 dev eth0",
            "link set eth0 up",
            f"route add default via {gateway}",
        ):
            quiet(*self.enter, "ip", *command.split())

    def close(self):
        """Drops the namespaces once the containers are gone."""
        self.pause.kill()
        self.pause.wait()
