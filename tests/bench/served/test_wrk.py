"""What wrk prints is read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.machine import ROOT
from bench.measure import CannotMeasure
from bench.served import wrk
from bench.wsgi import Request

PRINTED = """\
Running 5s test @ http://127.0.0.1:8123/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   837.97us  390.34us   6.38ms   75.99%
    Req/Sec    38.31k     3.94k   47.33k    99%
  Latency Distribution
     50%  764.00us
     75%    1.02ms
     90%    1.31ms
     99%    {slowest}
  190605 requests in 5.00s, 27.99MB read
{failed}Requests/sec:  38116.90
Transfer/sec:      5.60MB
"""


@pytest.mark.parametrize(
    ("slowest", "milliseconds"),
    [("137.00us", 0.137), ("2.00ms", 2.0), ("1.25s ", 1250.0), ("1.00m ", 60_000.0)],
)
def test_rate_and_latency_are_read(slowest, milliseconds):
    told = wrk.read(PRINTED.format(slowest=slowest, failed=""))
    assert told.requests_per_second == 38116.9
    assert told.p99_milliseconds == pytest.approx(milliseconds)
    assert told.failed == ""


@pytest.mark.parametrize(
    "failed",
    ["Socket errors: connect 0, read 41664, write 0, timeout 0", "Non-2xx or 3xx responses: 4349"],
)
def test_what_went_wrong_is_read(failed):
    assert wrk.read(PRINTED.format(slowest="2.00ms", failed=f"  {failed}\n")).failed == failed


def test_something_unknown_is_refused():
    with pytest.raises(CannotMeasure, match="unknown"):
        wrk.read("unable to connect")


def test_without_wrk_the_command_says_how_to_get_it(tmp_path):
    command = [sys.executable, "-m", "bench.served", "--servers", "gunicorn"]
    ran = subprocess.run(command, cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr.startswith(
        "Nothing was measured: wrk is missing. On Debian and Ubuntu: apt install wrk"
    )


def test_a_form_is_sent_by_a_script(tmp_path):
    request = Request(
        "POST", "/", body=b'a="1"&b=\xe9\n', content_type="text/x", headers={"HTTP_COOKIE": "c=1"}
    )
    options = wrk.options_of(request, tmp_path)
    assert options[-2:] == ["--script", str(tmp_path / "request.lua")]
    assert options[(at := options.index("Cookie: c=1")) - 1 : at + 1] == ["--header", "Cookie: c=1"]
    assert "Content-Type: text/x" in options
    assert (tmp_path / "request.lua").read_text() == (
        'wrk.method = "POST"\nwrk.body = "\\097\\061\\034\\049\\034\\038\\098\\061\\233\\010"\n'
    )


def test_a_page_needs_no_script(tmp_path):
    assert "--script" not in wrk.options_of(Request("GET", "/"), tmp_path)
    assert list(tmp_path.iterdir()) == []
