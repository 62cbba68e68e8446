"""Times the scheduler of the installed ray on one case: the call of `schedule` alone.

    python original.py CASE_FILE ROUNDS ENOUGH_SECONDS CLOCK
    python original.py --versions

Input and answer are made as in ../../test/conformance/ray_oracle.py, without its look at the scores. Lines as in ../measure/child.ts.
"""

import json
import os
import platform
import resource
import sys
import time
from types import SimpleNamespace

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "test", "conformance"))

import ray  # noqa: E402
import ray_oracle  # noqa: E402
from ray_oracle import scheduler  # noqa: E402


#: Seconds: `wall` of the clock on the wall, `processor` of all threads of this process, whatever else the machine does.
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def tell(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Round:
    """One call on an input of its own. The final nodes are kept: they lie in the context that the call makes."""

    def __init__(self, case):
        self._engine = scheduler.ResourceDemandScheduler()
        self.given = ray_oracle.input_of(case)
        self.reply = self._context = None

    def run(self, clock):
        """The seconds it took."""
        kind = scheduler.ResourceDemandScheduler.ScheduleContext
        make = kind.from_schedule_request

        def keep(request):
            self._context = make(request)
            return self._context

        kind.from_schedule_request = staticmethod(keep)
        started = clock()
        self.reply = self._engine.schedule(self.given)
        seconds = clock() - started
        kind.from_schedule_request = staticmethod(make)
        return seconds

    def answer(self, case):
        return {
            "id": case.get("id"),
            "ok": True,
            **ray_oracle.told_reply(self.reply, self.given.gang_resource_requests),
            "state": {"pending_unneeded_since_s": self._engine._pending_unneeded_since_s},
            "trace": [ray_oracle.told_node(node) for node in self._context._nodes],
        }


def peak_mib():
    """Of this process since it began. Linux counts in ru_maxrss the process that it was forked from, VmHWM is its own."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(file, rounds, enough, clock):
    with open(file, encoding="utf-8") as text:
        case = json.load(text)
    now = float(case.get("now_s", 0))
    scheduler.time = SimpleNamespace(monotonic=lambda: now, time_ns=lambda: 0)
    first = Round(case)
    tell({"kind": "ready"})
    cold = first.run(clock)
    first_peak = peak_mib()
    tell({"kind": "cold", "ms": cold * 1000})
    warm = []
    # a round that would end after the time is not begun
    while len(warm) < rounds and cold + sum(warm) + max([cold, *warm]) < enough:
        warm.append(Round(case).run(clock))
    tell(
        {
            "kind": "timed",
            "warmMs": [seconds * 1000 for seconds in warm],
            "peakMib": {"first": first_peak, "all": peak_mib()},
            "counted": {},
            "answer": first.answer(case),
        }
    )


if sys.argv[1:] == ["--versions"]:
    tell({"ray": ray.__version__, "python": platform.python_version()})
else:
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), CLOCKS[sys.argv[4]])
