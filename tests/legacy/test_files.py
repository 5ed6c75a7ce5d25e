"""The arguments of `send_file` and `send_from_directory`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

import erlen
from erlen import Flask

pytestmark = pytest.mark.usefixtures("of_1_1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("text")
    return path


def answer(view: Any) -> Any:
    app = Flask(__name__)
    app.add_url_rule("/", "view", view)
    return app.test_client().get("/", buffered=True)


def send_file(*args: Any, **kwargs: Any) -> Any:
    return answer(lambda: erlen.send_file(*args, **kwargs)).headers


def test_old_names(file: Path) -> None:
    headers = send_file(
        filename_or_fp=file, as_attachment=True, attachment_filename="b.txt", cache_timeout=5, add_etags=False
    )
    assert headers["Content-Disposition"] == "attachment; filename=b.txt"
    assert headers["Cache-Control"] == "public, max-age=5"
    assert "ETag" not in headers


def test_old_order(file: Path) -> None:
    headers = send_file(file, "text/x", True, "c.txt", False, 6)
    assert headers["Content-Type"].startswith("text/x")
    assert headers["Content-Disposition"] == "attachment; filename=c.txt"
    assert (headers["Cache-Control"], "ETag" in headers) == ("public, max-age=6", False)
    with pytest.raises(TypeError, match="at most 8 positional"):
        erlen.send_file(*range(9))


def test_present_names_still_do(file: Path) -> None:
    headers = send_file(file, download_name="d.txt", as_attachment=True, max_age=7)
    assert headers["Content-Disposition"] == "attachment; filename=d.txt"
    assert headers["Cache-Control"] == "public, max-age=7"


def test_none_is_the_default(file: Path) -> None:
    headers = send_file(file, add_etags=None, cache_timeout=None)
    assert "ETag" in headers
    assert "Content-Disposition" not in headers


def test_a_file_object(file: Path) -> None:
    headers = send_file(io.BytesIO(b"abc"), attachment_filename="x.html")
    assert headers["Content-Type"].startswith("text/html")
    assert headers["Content-Length"] == "3"


@pytest.mark.parametrize("keywords", [{"filename": "a.txt"}, {"path": "a.txt"}])
def test_of_a_folder(file: Path, keywords: dict[str, str]) -> None:
    response = answer(lambda: erlen.send_from_directory(file.parent, **keywords))
    assert (response.text, "Content-Disposition" in response.headers) == ("text", False)


def test_each_warns_where_it_was_written(file: Path) -> None:
    app = Flask(__name__)
    with (
        app.test_request_context(),
        pytest.warns(DeprecationWarning, match=r"'flask.send_file\(cache_timeout\)'.*: max_age") as caught,
    ):
        erlen.send_file(file, cache_timeout=1).close()  # type: ignore[call-arg]
    assert caught[0].filename == __file__
