"""Classes that were made of mixins are made of them still."""

from __future__ import annotations

import pytest

import erlen
from erlen.legacy.libraries import mixins


@pytest.mark.usefixtures("layer")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_response_of_parts_is_a_response() -> None:
    from werkzeug.wrappers import BaseResponse, ETagResponseMixin  # type: ignore[attr-defined]

    class Own(ETagResponseMixin, BaseResponse):  # type: ignore[misc]
        pass

    response = Own("text")
    response.set_etag("a")
    assert response.headers["ETag"] == '"a"'
    assert isinstance(erlen.Response(), BaseResponse)


def test_a_request_of_streams_reads_no_form() -> None:
    class Own(mixins.StreamOnlyMixin, erlen.Request):
        pass

    app = erlen.Flask(__name__)
    app.request_class = Own
    app.add_url_rule("/", "index", lambda: erlen.request.stream.read(), methods=["POST"])
    assert app.test_client().post("/", data={"a": "b"}).data == b"a=b"
