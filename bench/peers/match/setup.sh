#!/bin/sh
# Sets up the peers of `tongban bench match` in a virtual environment beside this
# file. Needs Python 3.11 or later and a package index.
set -eu
cd "$(dirname "$0")"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --requirement requirements.txt
venv/bin/python -c 'import duckdb, numpy, openfisca_core; print("ready: duckdb", duckdb.__version__, "numpy", numpy.__version__)'
