"""DuckDB on the task: one table in memory, a count of people for every policy.

Three ways to ask are tried on the first policies, and the runs go by the
fastest: a query for each policy, one query with a filtered count for each, and
several queries of ten such counts. Threads are the task's workers.
"""

import time

import duckdb

from columns import main, median

TRIED = 20  # policies of the trial


def load(db, task):
    data, select = {}, []
    for i, c in enumerate(task.columns):
        data[f"v{i}"], data[f"k{i}"] = task.column(c)
        value = {
            "date": f"DATE '0001-01-01' + (v{i}::INTEGER - 1)",
            "bool": f"v{i}::BOOLEAN",
        }.get(c["kind"], f"v{i}")
        select.append(f'CASE WHEN k{i} THEN {value} END AS "{c["name"]}"')
    db.execute(f"CREATE TABLE people AS SELECT {', '.join(select)} FROM data")


def single(policies):
    return [f"SELECT count(*) FROM people WHERE {p['sql']}" for p in policies]


def filtered(policies, size):
    return [
        "SELECT " + ", ".join(f"count(*) FILTER (WHERE {p['sql']})" for p in policies[i : i + size]) + " FROM people"
        for i in range(0, len(policies), size)
    ]


WAYS = {
    "a query for each policy": single,
    "one query": lambda policies: filtered(policies, len(policies)),
    "ten policies a query": lambda policies: filtered(policies, 10),
}


def count(db, texts):
    begun = time.perf_counter()
    counts = [n for text in texts for n in db.execute(text).fetchone()]
    return counts, time.perf_counter() - begun


def run(task):
    db = duckdb.connect(":memory:", config={"threads": task.workers})
    load(db, task)
    trial = task.policies[:TRIED]
    count(db, single(trial))  # warms
    tried = {name: count(db, way(trial))[1] for name, way in WAYS.items()}
    best = min(tried, key=tried.get)
    texts = WAYS[best](task.policies)
    runs = [count(db, texts) for _ in range(task.runs)]
    return {
        "peer": "duckdb " + duckdb.__version__,
        "counts": runs[0][0],
        "seconds": median([seconds for _, seconds in runs]),
        "way": best,
    }


if __name__ == "__main__":
    main(run)
