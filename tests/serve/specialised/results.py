"""What views return beside the results of ``tests.serve.applications``, each made for a Running."""

from __future__ import annotations

import datetime
import io
import os
import typing as t
from collections.abc import Callable, Iterator

from tests.serve.specialised.by_name import add_to

if t.TYPE_CHECKING:
    from tests.serve.specialised.running import Running

FOLDER = os.path.dirname(__file__)
FILE = os.path.basename(__file__)
PAGE = "{{ request.path }} {{ given }} {{ g.get('count') }} {{ session.get('n') }} {{ data|tojson }}"

MORE_RESULTS: dict[str, Callable[[Running], t.Any]] = {}
# These may tear down later than in Flask.
KEEPING_CONTEXT = ("stream with context", "streamed page")


@add_to(MORE_RESULTS)
def stream_with_context(running: Running) -> t.Any:
    request, g = running.framework.request, running.framework.g

    def parts() -> Iterator[str]:
        try:
            yield request.path
            running.log.append("streaming")
            g.count = g.get("count", 0) + 1
            yield f" {g.count}"
        finally:
            running.log.append("stream closed")

    return running.framework.stream_with_context(parts())


@add_to(MORE_RESULTS)
def streamed_page(running: Running) -> t.Any:
    return running.framework.stream_template_string(PAGE, data=[1])


@add_to(MORE_RESULTS)
def page(running: Running) -> t.Any:
    return running.framework.render_template_string(PAGE, data={"x": "'"})


@add_to(MORE_RESULTS)
def flashed(running: Running) -> t.Any:
    running.framework.flash("you did it", "success")
    return "flashed"


@add_to(MORE_RESULTS)
def messages(running: Running) -> t.Any:
    return str(running.framework.get_flashed_messages(with_categories=True))


@add_to(MORE_RESULTS)
def cookie(running: Running) -> t.Any:
    response = running.framework.make_response("with a cookie")
    response.set_cookie("a", "b", max_age=3, httponly=True)
    return response


@add_to(MORE_RESULTS)
def jsonify(running: Running) -> t.Any:
    return running.framework.jsonify(b=datetime.date(2024, 5, 1), a="é")


@add_to(MORE_RESULTS)
def noting_generator(running: Running) -> t.Any:
    def parts() -> Iterator[bytes]:
        try:
            yield b"one "
            running.log.append("between")
            yield b"two"
        finally:
            running.log.append("generator closed")

    return parts()


@add_to(MORE_RESULTS)
def file(running: Running) -> t.Any:
    return running.framework.send_file(io.BytesIO(b"file"), download_name="f.txt")


@add_to(MORE_RESULTS)
def file_on_disk(running: Running) -> t.Any:
    response = running.framework.send_file(__file__, max_age=3)
    running.files.append(response.response)
    return response


@add_to(MORE_RESULTS)
def file_of_a_folder(running: Running) -> t.Any:
    response = running.framework.send_from_directory(FOLDER, FILE)
    running.files.append(response.response)
    return response


@add_to(MORE_RESULTS)
def closing_response(running: Running) -> t.Any:
    response = running.framework.Response("closing")
    response.call_on_close(lambda: running.log.append("closed"))
    return response


@add_to(MORE_RESULTS)
def form(running: Running) -> t.Any:
    return {"x": running.framework.request.form["x"]}


@add_to(MORE_RESULTS)
def conditional(running: Running) -> t.Any:
    response = running.framework.Response("conditional" * 5)
    response.add_etag()
    return response.make_conditional(running.framework.request)


@add_to(MORE_RESULTS)
def headers_changed(running: Running) -> t.Any:
    response = running.framework.make_response("changed")
    response.headers.extend({"X-Many": ["1", "2"], "Vary": "Accept"})
    response.content_type = "text/x-é; a=b"
    response.headers["location"] = "/ü"
    return response
