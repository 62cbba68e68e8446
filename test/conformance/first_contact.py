"""
What the tests of the first contact do inside a Ray head. Answers are JSON, one object per line; Ray speaks on stderr.

    first_contact.py nodes          every node the GCS remembers, and how the dead ones ended
    first_contact.py actors         every actor, with its state and where it is
    first_contact.py tasks N DIR    N tasks of one CPU. Task i runs until there is a file DIR/i or DIR/all; it is never
                                    tried again, so a task that lost its node counts as lost
    first_contact.py group STRATEGY N DIR
                                    a placement group of N bundles of one CPU; it is removed once there is a file DIR/all
    first_contact.py request N      request_resources(num_cpus=N); it outlives the program
"""

import json
import os
import sys
import time

import ray
import ray.autoscaler.sdk
import ray.util
from google.protobuf.json_format import MessageToDict
from ray._raylet import GcsClient
from ray.experimental import internal_kv as kv
from ray.util.state import list_actors

LOOK_S = 0.2
NAMESPACE = "first-contact"


def say(**answer):
    """One line on stdout."""
    print(json.dumps(answer), flush=True)


def now_ms():
    """The clock that the audit log and the tests read, too."""
    return round(time.time() * 1000)


def nodes():
    """Nodes by their pods."""
    for node_id, info in GcsClient(os.environ["RAY_ADDRESS"]).get_all_node_info().items():
        node = MessageToDict(info)
        death = node.get("deathInfo", {})
        say(
            pod=node.get("instanceId", ""),
            nodeId=node_id.hex(),
            alive=node.get("state", "ALIVE") == "ALIVE",
            reason=death.get("reason", ""),
            message=death.get("reasonMessage", ""),
            endedAt=int(node.get("endTimeMs", 0)),
        )


def actors():
    """Actors by their names."""
    for actor in list_actors():
        say(name=actor.name, state=actor.state, nodeId=actor.node_id or "", pid=actor.pid or 0)


def tasks(count, folder):
    """Submits all at once, tells where each one began and how it ended, and ends with the last one."""
    ray.init(address="auto", log_to_driver=False)
    run = f"{os.getpid()}-{now_ms()}"
    os.makedirs(folder, exist_ok=True)

    @ray.remote(num_cpus=1, max_retries=0)
    def hold(number):
        place = {"number": number, "nodeId": ray.get_runtime_context().get_node_id(), "pid": os.getpid()}
        kv._internal_kv_put(f"{run}/began/{number}", json.dumps({**place, "at": now_ms()}), namespace=NAMESPACE)
        while not kv._internal_kv_exists(f"{run}/free/{number}", namespace=NAMESPACE):
            time.sleep(LOOK_S)
        return place

    def tell_begun(told):
        for number in range(count):
            place = None if number in told else kv._internal_kv_get(f"{run}/began/{number}", namespace=NAMESPACE)
            if place:
                told.add(number)
                say(event="began", **json.loads(place))

    say(event="submitting", at=now_ms())
    waiting = {hold.remote(number): number for number in range(count)}
    told, freed = set(), set()
    while waiting:
        tell_begun(told)
        names = os.listdir(folder)
        for number in set(range(count) if "all" in names else map(int, names)) - freed:
            freed.add(number)
            kv._internal_kv_put(f"{run}/free/{number}", "", namespace=NAMESPACE)
        for ref in ray.wait(list(waiting), timeout=LOOK_S)[0]:
            number = waiting.pop(ref)
            tell_begun(told)
            try:
                say(event="ended", at=now_ms(), **ray.get(ref))
            except ray.exceptions.RayError as error:
                say(event="lost", at=now_ms(), number=number, why=type(error).__name__)


def group(strategy, count, folder):
    """Tells when the group was asked for, on which nodes it became ready, and when it was removed."""
    ray.init(address="auto", log_to_driver=False)
    os.makedirs(folder, exist_ok=True)
    say(event="submitting", at=now_ms())
    made = ray.util.placement_group([{"CPU": 1}] * count, strategy=strategy)
    while not made.wait(1):
        pass
    places = ray.util.placement_group_table(made)["bundles_to_node_id"]
    say(event="ready", at=now_ms(), nodeIds=[places[bundle] for bundle in range(count)])
    while not os.path.exists(os.path.join(folder, "all")):
        time.sleep(LOOK_S)
    ray.util.remove_placement_group(made)
    say(event="removed", at=now_ms())


def request(cpus):
    """Sets the floor of the cluster; 0 takes it away."""
    ray.init(address="auto", log_to_driver=False)
    at = now_ms()
    ray.autoscaler.sdk.request_resources(num_cpus=cpus)
    say(event="requested", at=at)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "nodes":
        nodes()
    elif what == "actors":
        actors()
    elif what == "group":
        group(rest[0], int(rest[1]), rest[2])
    elif what == "request":
        request(int(rest[0]))
    else:
        tasks(int(rest[0]), rest[1])
