"""Answers scheduling cases with the scheduler of the installed ray, one result line per case line.

    python ray_oracle.py [--trace] < cases.jsonl > results.jsonl

Every decision is the wheel's. What is here: messages built from a case, the reply told in the form of the cases, and a look at the
scores on the way, to tell whether a choice hung on the last bits of a number.
"""

import itertools
import json
import logging
import math
import sys
from types import SimpleNamespace

logging.disable(logging.CRITICAL)

from google.protobuf.json_format import ParseDict  # noqa: E402
from ray.autoscaler.v2 import scheduler  # noqa: E402
from ray.autoscaler.v2 import schema  # noqa: E402
from ray.autoscaler.v2.instance_manager.config import NodeTypeConfig  # noqa: E402
from ray.core.generated.autoscaler_pb2 import (  # noqa: E402
    ClusterResourceConstraint,
    GangResourceRequest,
    ResourceRequest,
    ResourceRequestByCount,
)
from ray.core.generated.instance_manager_pb2 import (  # noqa: E402
    Instance,
    NodeKind,
    TerminationRequest,
)

LEDGERS = {
    "demand": scheduler.ResourceRequestSource.PENDING_DEMAND,
    "constraint": scheduler.ResourceRequestSource.CLUSTER_RESOURCE_CONSTRAINT,
}
OPERATOR = "LABEL_OPERATOR_"
#: Two scores closer than this, and not equal, may come out the other way with another cube.
CLOSE = 1e-12


# ---- a case becomes the scheduler's input


def request_of(given):
    """The wire's JSON form is parsed by protobuf itself; amounts go in apart, so that none is turned into text on the way."""
    placement = [
        {
            camel: {"labelName": pair[0], "labelValue": pair[1]}
            for camel, pair in (
                ("antiAffinity", one.get("anti_affinity")),
                ("affinity", None if "anti_affinity" in one else one.get("affinity")),
            )
            if pair is not None
        }
        for one in given.get("placement", [])
    ]
    selectors = [
        {
            "labelConstraints": [
                {"labelKey": key, "operator": OPERATOR + operator, "labelValues": values}
                for key, operator, values in alternative
            ]
        }
        for alternative in given.get("selectors", [])
    ]
    message = ResourceRequest()
    ParseDict({"placementConstraints": placement, "labelSelectors": selectors}, message)
    for name, amount in given.get("resources", []):
        message.resources_bundle[name] = amount
    return message


def counted(given):
    return [ResourceRequestByCount(request=request_of(one), count=one.get("count", 1)) for one in given]


def gang_of(given):
    gang = GangResourceRequest(details=given.get("details", ""))
    gang.requests.extend(map(request_of, given.get("requests", [])))
    for bundles in given.get("bundle_selectors") or []:
        gang.bundle_selectors.add(resource_requests=map(request_of, bundles))
    return gang


def amounts(pairs):
    return {name: float(amount) for name, amount in pairs}


def instance_of(given):
    record = None
    if given.get("in_im", True):
        record = Instance(
            instance_id=given["id"],
            instance_type=given["node_type"],
            status=given["status"],
            node_kind=given.get("kind", "WORKER"),
            launch_config_hash=given.get("launch_config_hash", ""),
            cloud_instance_id=given.get("cloud_id") or "",
            node_id=given.get("ray_node_id") or "",
        )
    node = given.get("ray_node")
    if node is not None:
        # not the message: its maps iterate in an order of their own, which differs between processes
        node = SimpleNamespace(
            total_resources=amounts(node["total"]),
            available_resources=amounts(node["available"]),
            labels=dict(node.get("labels") or {}),
            dynamic_labels=dict(node.get("dynamic_labels") or {}),
            idle_duration_ms=node.get("idle_ms", 0),
        )
    return schema.AutoscalerInstance(
        cloud_instance_id=given.get("cloud_id") or None, ray_node=node, im_instance=record
    )


def type_of(given):
    return NodeTypeConfig(
        name=given["name"],
        min_worker_nodes=given.get("min", 0),
        max_worker_nodes=given["max"],
        idle_timeout_s=given.get("idle_timeout_s"),
        priority=given.get("priority", 0),
        resources=amounts(given.get("resources", [])),
        labels=dict(given.get("labels") or {}),
        launch_config_hash=given.get("launch_config_hash", ""),
    )


def resizing_of(given):
    if not given:
        return None, {}
    groups = {name: schema.IPPRGroupSpec(**limits) for name, limits in given["groups"]}
    statuses = {}
    for status in given["statuses"]:
        rest = {key: value for key, value in status.items() if key not in ("group", "cloud_id")}
        statuses[status["cloud_id"]] = schema.IPPRStatus(
            cloud_instance_id=status["cloud_id"], spec=groups[status["group"]], **rest
        )
    return schema.IPPRSpecs(groups=groups), statuses


def input_of(case):
    config = case.get("config") or {}
    availability = case.get("availability") or {}
    specs, statuses = resizing_of(case.get("ippr"))
    return scheduler.SchedulingRequest(
        disable_launch_config_check=config.get("disable_launch_config_check", True),
        node_type_configs={one["name"]: type_of(one) for one in case.get("node_types", [])},
        max_num_nodes=config.get("max_num_nodes"),
        idle_timeout_s=config.get("idle_timeout_s"),
        pending_idle_timeout_s=config.get("pending_idle_timeout_s"),
        resource_requests=counted(case.get("demands", [])),
        gang_resource_requests=[gang_of(one) for one in case.get("gangs", [])],
        cluster_resource_constraints=[
            ClusterResourceConstraint(resource_requests=counted(one)) for one in case.get("constraints", [])
        ],
        current_instances=[instance_of(one) for one in case.get("instances", [])],
        cloud_resource_availabilities=dict(availability.get("cloud") or {}),
        recoverable_resource_availabilities=dict(availability.get("recoverable") or {}),
        ippr_specs=specs,
        ippr_statuses=statuses,
    )


# ---- the reply in the form of the cases


def told_request(message, count):
    told = {"resources": sorted([name, amount] for name, amount in message.resources_bundle.items())}
    placement = []
    for one in message.placement_constraints:
        kinds = [kind for kind in ("anti_affinity", "affinity") if one.HasField(kind)]
        placement.append({kind: [getattr(one, kind).label_name, getattr(one, kind).label_value] for kind in kinds})
    selectors = [
        [[c.label_key, operator_name(c), list(c.label_values)] for c in alternative.label_constraints]
        for alternative in message.label_selectors
    ]
    if placement:
        told["placement"] = placement
    if selectors:
        told["selectors"] = selectors
    told["count"] = count
    return told


def operator_name(constraint):
    field = constraint.DESCRIPTOR.fields_by_name["operator"]
    return field.enum_type.values_by_number[constraint.operator].name[len(OPERATOR) :]


def told_runs(messages):
    texts = {}

    def content(message):
        text = texts.get(id(message))
        if text is None:
            text = texts[id(message)] = message.SerializeToString(deterministic=True)
        return text

    told = []
    for _, run in itertools.groupby(messages, key=content):
        equal = list(run)
        told.append(told_request(equal[0], len(equal)))
    return told


def told_termination(record):
    told = {
        "instance_id": record.instance_id,
        "ray_node_id": record.ray_node_id,
        "node_type": record.instance_type,
        "cause": TerminationRequest.Cause.Name(record.cause),
        "instance_status": Instance.InstanceStatus.Name(record.instance_status),
    }
    for name in ("idle_duration_ms", "max_num_nodes", "max_num_nodes_per_type"):
        told[name] = getattr(record, name) if record.HasField(name) else None
    told["details"] = record.details
    return told


def told_node(node):
    return {
        "node_type": node.node_type,
        "status": node.status.value,
        "instance_id": node.im_instance_id or "",
        "total": sorted([name, amount] for name, amount in node.total_resources.items()),
        "available": sorted(
            [name, amount] for name, amount in node.available_resources_for_sched[LEDGERS["demand"]].items()
        ),
        "labels": dict(sorted(node.labels.items())),
        **{name: told_runs(node.sched_requests[ledger]) for name, ledger in LEDGERS.items()},
    }


def told_reply(reply, gangs):
    place = {id(gang): i for i, gang in enumerate(gangs)}
    return {
        "launches": [[launch.instance_type, launch.count] for launch in reply.to_launch],
        "terminations": [told_termination(record) for record in reply.to_terminate],
        "resizes": [
            {
                "cloud_id": status.cloud_instance_id,
                "desired_cpu": status.desired_cpu,
                "desired_memory": status.desired_memory,
                "raylet_id": status.raylet_id,
            }
            for status in reply.to_ippr
        ],
        "infeasible": told_runs(reply.infeasible_resource_requests),
        "infeasible_gangs": [place[id(gang)] for gang in reply.infeasible_gang_resource_requests],
        "infeasible_constraints": list(range(len(reply.infeasible_cluster_resource_constraints))),
        "cluster_resources": [[name, amount] for name, amount in reply.cluster_resources.items()],
    }


# ---- which answers hang on the last bits


class Watch:
    """Looks over the scheduler's shoulder. It changes no argument and no result."""

    def __init__(self):
        self.context = None
        self.close_scores = False
        self.order_counts = False
        self._scores = []
        engine = scheduler.ResourceDemandScheduler
        self._wrap(scheduler.SchedulingNode, "try_schedule", self._score)
        self._wrap(engine, "_sched_best_node", self._pick, static=True)
        self._wrap(engine, "_try_schedule", self._sums, static=True)
        make = engine.ScheduleContext.from_schedule_request

        def keep(request):
            self.context = make(request)
            return self.context

        engine.ScheduleContext.from_schedule_request = staticmethod(keep)

    @staticmethod
    def _wrap(owner, name, around, static=False):
        original = getattr(owner, name)

        def wrapped(*args, **kwargs):
            return around(original, *args, **kwargs)

        setattr(owner, name, staticmethod(wrapped) if static else wrapped)

    def begin(self):
        self.context, self._scores = None, []
        self.close_scores = self.order_counts = False

    def _score(self, original, node, requests, *args, **kwargs):
        left, score = original(node, requests, *args, **kwargs)
        if len(left) < len(requests):
            self._scores.append(score)
        return left, score

    def _pick(self, original, *args, **kwargs):
        self._scores = []
        try:
            return original(*args, **kwargs)
        finally:
            if self._scores:
                best = max(self._scores)
                self.close_scores = self.close_scores or any(close(best, score) for score in self._scores)

    def _sums(self, original, context, requests, *args, **kwargs):
        different = {id(request): request for request in requests}
        if any(sum_varies(list(one.resources_bundle.values())) for one in different.values()):
            self.order_counts = True
        return original(context, requests, *args, **kwargs)


def close(best, score):
    """The first part in which they differ is a sum of cubes (the fourth on), and differs by next to nothing."""
    for part, (a, b) in enumerate(zip(best, score)):
        if a != b:
            return part >= 3 and abs(a - b) <= CLOSE * max(abs(a), abs(b))
    return False


def sum_varies(values):
    if len(values) < 3:
        return False
    if len(values) <= 6:
        return len(set(map(sum, itertools.permutations(values)))) > 1
    return len({sum(values), sum(reversed(values)), sum(sorted(values)), math.fsum(values)}) > 1


# ---- one case after the other

OWN_FILES = ("scheduler.py", "utils.py", "schema.py", "resource_demand_scheduler.py")


def innermost(error):
    """The function of the scheduler in which it was raised, or through which it passed last."""
    name, step = None, error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if code.co_filename.endswith(OWN_FILES):
            name = code.co_name
        step = step.tb_next
    return name


def answer(case, watch, with_trace):
    watch.begin()
    given = input_of(case)
    now = float(case.get("now_s", 0))
    since = ((case.get("state") or {}).get("pending_unneeded_since_s")) or {}
    engine = scheduler.ResourceDemandScheduler()
    engine._pending_unneeded_since_s = {name: list(times) for name, times in since.items()}
    scheduler.time = SimpleNamespace(monotonic=lambda: now, time_ns=lambda: 0)
    conserve = (case.get("config") or {}).get("conserve_gpu_nodes", True)
    scheduler.AUTOSCALER_CONSERVE_GPU_NODES = int(conserve)
    result = {"id": case.get("id"), "ok": True}
    try:
        reply = engine.schedule(given)
    except Exception as error:  # a round that is given up is an answer
        result.update(ok=False, error=type(error).__name__, message=str(error)[:300], where=innermost(error))
    else:
        result.update(told_reply(reply, given.gang_resource_requests))
        result["state"] = {"pending_unneeded_since_s": engine._pending_unneeded_since_s}
    result["flags"] = {"ulp_sensitive": watch.close_scores, "sum_order_sensitive": watch.order_counts}
    if with_trace and result["ok"]:
        result["trace"] = [told_node(node) for node in watch.context._nodes]
    return result


def main():
    with_trace = "--trace" in sys.argv[1:]
    watch = Watch()
    for line in sys.stdin:
        if not line.strip():
            continue
        case = json.loads(line)
        try:
            result = answer(case, watch, with_trace)
        except Exception as error:  # building the input failed: the case is malformed
            result = {"id": case.get("id"), "ok": False, "error": "BadCase", "message": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
