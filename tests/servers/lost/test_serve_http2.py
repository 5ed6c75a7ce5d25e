"""Over HTTP/2, `erlen serve` ends connections in order when it reloads: no request is lost."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .certificate import make_certificate, trusting
from .driver import serving, steady, until
from .erlen_serve import is_answered, place, words_for
from .load import Load
from .releases import Site
from .tally import Fate

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]


@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_no_request_is_lost_in_a_reload_and_at_the_end(tmp_path: Path, interface: str) -> None:
    certificate, key = make_certificate(tmp_path)
    tls = trusting(certificate, "h2")
    site = Site(tmp_path, interface=interface, seconds=0.3)
    address, where = place("tcp", tmp_path)
    words = words_for(
        site, interface, *where, "--workers", "2", "--cert", str(certificate), "--key", str(key)
    )
    with serving(words, tmp_path) as served:
        assert until(lambda: served.ended or is_answered(address, tls=tls, http=2)), served.log
        with Load(address, rate=100, http=2, kept=6, tls=tls) as load:
            assert steady(load, "one")
            for version in ("two", "three"):
                load.phase = f"reload to {version}"
                site.change(version)
                served.signal(signal.SIGHUP)
                assert steady(load, version), served.log
            load.phase = "stop"
            served.signal(signal.SIGTERM)
            assert served.wait_for_its_end() == 0, served.log
        log = served.log
    tally = load.tally
    print(tally, sum(record.sent_again for record in tally.records), "sent again")
    lost = tally.lost(lambda record: record.phase == "stop" and record.fate is Fate.REFUSED)
    assert lost == [], f"{tally}\n{log}"
    assert [closing for closing in tally.closings if closing.phase != "stop"] == []
    assert len(tally.pids()) >= 5
