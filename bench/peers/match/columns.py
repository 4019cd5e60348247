"""The task of a run, as `tongban bench match` writes it: see bench/match_export.go."""

import json
import os
import sys

import numpy as np

UNKNOWN = np.iinfo(np.int32).min


class Task:
    """task.json, and the columns in the narrowest types that hold them."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "task.json"), encoding="utf-8") as f:
            self.__dict__.update(json.load(f))

    def column(self, c):
        """The values of a column (0 where unknown) and where they are known."""
        raw = np.load(os.path.join(self.folder, c["file"]))
        known = raw != UNKNOWN
        values = np.where(known, raw, 0)
        low, high = int(values.min()), int(values.max())
        for kind in (np.int8, np.int16, np.int32):
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                return values.astype(kind), known
        raise AssertionError("32 bits hold every value")


def main(run):
    """Runs run(task) over the folder in the arguments and prints its JSON."""
    json.dump(run(Task(sys.argv[1])), sys.stdout)


def median(seconds):
    return float(np.median(seconds))
