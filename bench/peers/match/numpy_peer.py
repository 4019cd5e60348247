"""NumPy on the task: the rules' own expressions over arrays in memory.

Each comparison that policies share is worked out once for a chunk of people
that stays in the cache, then each policy is a few ANDs and ORs of those. As
many processes as the task has workers share the arrays.
"""

import multiprocessing
import time

import numpy as np

from columns import main, median

SIZES = (4096, 8192, 16384, 32768)  # people a chunk; the fastest is taken


def over(a, b):
    """a / b for whole numbers, cut off towards zero; b of 0 is masked by the rule."""
    if isinstance(b, int):
        quotient = np.abs(a) // abs(b)
        return quotient if b > 0 and np.min(a, initial=0) >= 0 else quotient * np.sign(a) * np.sign(b)
    safe = np.where(b == 0, 1, b)
    return np.abs(a) // np.abs(safe) * np.sign(a) * np.sign(safe)


def civil(days):
    """Year * 12 + month, and the day of the month, of days since 0001-01-01 as 1."""
    date = (np.asarray(days, dtype=np.int64) - 719163).astype("datetime64[D]")
    months = date.astype("datetime64[M]")
    return months.astype(np.int32), (date - months).astype(np.int32)


def months(start, end):
    """Completed months from one day to another; reversed days give the negative."""
    first, last = np.minimum(start, end), np.maximum(start, end)
    (m1, d1), (m2, d2) = civil(first), civil(last)
    whole = m2 - m1 - (d2 < d1)
    return np.where(np.asarray(start) <= np.asarray(end), whole, -whole)


def member(words):
    """A table of which of the 256 numbers of a word are in the list."""
    table = np.zeros(256, dtype=bool)
    table[list(words)] = True
    return table


class Rules:
    """The task's rules as compiled Python over chunks."""

    def __init__(self, task):
        self.values, self.known = {}, {}
        for c in task.columns:
            values, known = task.column(c)
            if c["kind"] == "string":
                values = np.where(known, values, 255).astype(np.uint8)
            elif c["kind"] == "bool":
                values = np.where(known, values, 2).astype(np.uint8)
            self.values[c["name"]], self.known[c["name"]] = values, known
        # atoms may stand on earlier ones (the test of a condition's branches)
        steps = [f" a.append({atom})" for atom in task.atoms]
        counts = ", ".join(f"np.count_nonzero({p['numpy']})" for p in task.policies)
        source = "\n".join(["def work(v, k, every, nobody):", " a = []", *steps, f" return ({counts},)"])
        scope = {"np": np, "over": over, "months": months, "member": member}
        exec(compile(source, "rules", "exec"), scope)
        self.work, self.people, self.policies = scope["work"], task.residents, len(task.policies)

    def count(self, start, stop, size):
        total = np.zeros(self.policies, dtype=np.int64)
        for low in range(start, stop, size):
            high = min(low + size, stop)
            v = {name: array[low:high] for name, array in self.values.items()}
            k = {name: array[low:high] for name, array in self.known.items()}
            every = np.ones(high - low, dtype=bool)
            total += self.work(v, k, every, ~every)
        return total


rules = None  # made before the processes, which share it


def part(job):
    return rules.count(*job)


def run(task):
    global rules
    rules = Rules(task)

    with multiprocessing.get_context("fork").Pool(task.workers) as pool:

        def count(people, size):
            share = -(-people // (task.workers * 8))
            jobs = [(low, min(low + share, people), size) for low in range(0, people, share)]
            begun = time.perf_counter()
            counts = sum(pool.map(part, jobs, chunksize=1))
            return [int(n) for n in counts], time.perf_counter() - begun

        few = min(task.residents, 400_000)
        count(few, SIZES[0])  # warms
        size = min(SIZES, key=lambda size: count(few, size)[1])
        runs = [count(task.residents, size) for _ in range(task.runs)]
    return {
        "peer": "numpy " + np.__version__,
        "counts": runs[0][0],
        "seconds": median([seconds for _, seconds in runs]),
        "way": f"{size} people a chunk",
    }


if __name__ == "__main__":
    main(run)
