"""OpenFisca on the task: five of the sample city's policies for the same people.

The people are divided among as many processes as the task has workers; the
time is the slowest one's, from the first to the last calculation, with the facts
loaded before.
"""

import multiprocessing
import time

import numpy as np
from openfisca_core.simulations import SimulationBuilder

import country
from columns import main, median

SHOWN = 20_000  # people of whom each amount is told

# the pack's policy, the variable of its amount, and that of the right itself
# where one may be entitled to an amount of none
POLICIES = [
    ("elderly-allowance", "elderly_allowance", "elderly_allowance"),
    ("disability-transport", "disability_transport", "disability_transport"),
    ("disability-nursing", "disability_nursing", "disability_nursing"),
    ("orphan-allowance", "orphan_allowance", "orphan_allowance"),
    ("fund-rent-withdrawal", "rent_withdrawal", "rent_withdrawal_right"),
]


def days(values, known, otherwise):
    day = (values.astype(np.int64) - 719163).astype("datetime64[D]")
    return np.where(known, day, otherwise)


def inputs(task):
    columns = {c["name"]: (c, *task.column(c)) for c in task.columns}

    def numbers(name):
        _, values, known = columns[name]
        return np.where(known, values.astype(np.int32), -1)

    def words(name, groups, options):
        """The Enum's items: groups says which words are which item."""
        c, values, known = columns[name]
        names = [item.name for item in options]
        table = np.array([names.index(groups.get(w, groups.get(None))) for w in c["words"]], dtype=np.int16)
        return np.where(known, table[values], names.index("unknown"))

    first = np.datetime64("0001-01-01")
    alive = numbers("population.alive")
    grades = {"一级": "first", "二级": "second", "三级": "third", "四级": "fourth"}
    _, city, city_known = columns["lease.city"]
    shanghai = columns["lease.city"][0]["words"].index("上海")
    return {
        "birth": days(*columns["population.birth"][1:], country.NEVER),
        "alive": alive != 0,
        "hukou_city": words("population.hukou_city", {"上海": "shanghai", None: "other"}, country.HukouCity),
        "grade": words("disability.grade", grades, country.Grade),
        "impairment": words("disability.kind", {"智力": "mind", "精神": "mind", None: "other"}, country.Impairment),
        "certificate_until": days(*columns["disability.certificate_until"][1:], first),
        "orphans": numbers("guardian.orphans"),
        "fund_months": numbers("fund.months"),
        "homes": numbers("property.homes"),
        "fund_loan": numbers("fund.loan"),
        "fund_withdrawing": numbers("fund.withdrawing"),
        "leased_until": days(*columns["lease.filed_until"][1:], first),
        "leased_in_shanghai": city_known & (city == shanghai),
        "rent": numbers("lease.rent"),
    }


facts, tbs, month = None, None, None  # made before the processes, which share them


def part(span):
    low, high = span
    simulation = SimulationBuilder().build_default_simulation(tbs, high - low)
    for name, values in facts.items():
        holder = simulation.get_holder(name)
        piece = values[low:high]
        options = getattr(holder.variable, "possible_values", None)
        if options is not None:
            piece = options.encode(piece.astype(np.int16))
        simulation.set_input(name, "eternity", piece)
    begun = time.perf_counter()
    counts = [int(np.count_nonzero(simulation.calculate(right, month))) for _, _, right in POLICIES]
    amounts = [simulation.calculate(amount, month) for _, amount, _ in POLICIES]
    seconds = time.perf_counter() - begun
    shown = max(0, min(SHOWN, high) - low)
    return counts, [[int(v) for v in a[:shown]] for a in amounts], seconds


def run(task):
    global facts, tbs, month
    facts, tbs, month = inputs(task), country.system(), task.today[:7]
    step = -(-task.residents // task.workers)
    spans = [(low, min(low + step, task.residents)) for low in range(0, task.residents, step)]
    runs = []
    with multiprocessing.get_context("fork").Pool(task.workers) as pool:
        for _ in range(task.runs + 1):  # the first warms
            runs.append(pool.map(part, spans, chunksize=1))
    last = runs[-1]
    return {
        "peer": "openfisca-core",
        "policies": [name for name, _, _ in POLICIES],
        "counts": [sum(counts[i] for counts, _, _ in last) for i in range(len(POLICIES))],
        "amounts": [sum((amounts[i] for _, amounts, _ in last), []) for i in range(len(POLICIES))],
        "seconds": median([max(seconds for _, _, seconds in parts) for parts in runs[1:]]),
    }


if __name__ == "__main__":
    main(run)
