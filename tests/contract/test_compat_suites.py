"""The extension suites that the project keeps beside its checkout pass on Erlen as recorded on Flask.

They live in `../shared/tools/compat`, with their own pins, environments and recorded results, and are no
part of this repository: a checkout without that folder skips them. They run in `$COMPAT_CACHE`, or in
`erlen-compat` in the temporary folder.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime

import pytest

from .environment import CHECKOUT, Environment

COMPAT = CHECKOUT.parent / "shared" / "tools" / "compat"
# From this minute of an hour on a suite is tried again.
LAST_MINUTES = 58
NAMES = sorted(path.stem for path in (COMPAT / "suites").glob("*.sh"))

pytestmark = [
    pytest.mark.contract,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(not NAMES, reason=f"no suites in {COMPAT}: they are kept outside of the repository"),
]


@pytest.mark.parametrize("name", NAMES or ["none"])
def test_suite_passes_as_recorded(name: str, environment: Environment) -> None:
    command = ["./run_suite.sh", name, "--python", sys.executable]
    command += ["--target", str(environment.wheel), "--alias-module", "erlen.as_flask"]
    begun = datetime.now()
    done = run(command)
    if done.returncode and begun.minute >= LAST_MINUTES:
        # Flask-Limiter's test_constructor_arguments_over_config moves its clock by a minute and expects an
        # hour not to be over: in the last one it fails on Flask, too.
        time.sleep((60 - begun.minute) * 60)
        done = run(command)
    assert done.returncode == 0, f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}"


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command,
        cwd=COMPAT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=1100,
    )
    print(done.stdout)
    return done
