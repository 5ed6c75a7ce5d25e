"""What granian loads: the application that the environment names."""

import os
from pathlib import Path

from .worker import load

app = load(os.environ["BENCH_SITE"], os.environ["BENCH_FRAMEWORK"], Path(os.environ["BENCH_FOLDER"]))
