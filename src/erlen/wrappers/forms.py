"""The fields of queries and forms: the simple ones read here, multipart ones by Werkzeug.

``application/x-www-form-urlencoded`` (WHATWG URL, section 5.1) is read as Werkzeug does with
``urllib.parse.parse_qsl``, without what its use here never needs. A property test compares both. A large
multipart form may be parsed before its first use, off the loop.
"""

from __future__ import annotations

import io
import typing as t
from urllib.parse import unquote

from werkzeug import datastructures
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequestKeyError, HTTPException

from ..active import active_app
from .body import rest_of
from .lazy import Lazy, query_of
from .multipart import FormParser, RefusedForm
from .safe import SafeRequest, query_text

if t.TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

# A multipart form of more bytes takes too long to be parsed on a loop.
LARGE_FORM = 1 << 18

_FORM = "application/x-www-form-urlencoded"


class ImmutableMultiDict(datastructures.ImmutableMultiDict[str, str]):
    """Werkzeug's class of the same name, which finds the first value of a field in one look.

    PERF: ``args.get("q")`` takes 0.2 us instead of 0.5 (CPython 3.11).
    """

    def __getitem__(self, key: t.Any) -> t.Any:
        values: t.Any = dict.get(self, key)
        if values:
            return values[0]
        raise BadRequestKeyError(key)

    def get(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key: t.Any, default: t.Any = None, type: t.Callable[[str], t.Any] | None = None
    ) -> t.Any:
        if type is not None:
            return super().get(key, default, type)
        values: t.Any = dict.get(self, key)
        return values[0] if values else default


def read_fields(text: str, storage_class: type[MultiDict[str, str]]) -> MultiDict[str, str]:
    """Return the fields of *text*; those without a value have an empty one.

    PERF: two fields take 0.7 us instead of 2.8 (CPython 3.11).
    """
    fields: dict[str, list[str]] = {}
    escaped = "%" in text or "+" in text
    for field in text.split("&"):
        if field:
            name, _, value = field.partition("=")
            if escaped:
                name, value = _decode(name), _decode(value)
            if name in fields:
                fields[name].append(value)
            else:
                fields[name] = [value]
    if storage_class is not _Werkzeugs:
        return storage_class(fields)
    storage = _new(ImmutableMultiDict)
    # Its own constructor makes a dict of lists, too.
    dict.update(storage, fields)
    return storage


_Werkzeugs = datastructures.ImmutableMultiDict
_new = ImmutableMultiDict.__new__


def _decode(text: str) -> str:
    # Bytes that are no UTF-8 stay escaped: that is Werkzeug's error handler.
    return unquote(text.replace("+", " "), errors="werkzeug.url_quote")


class Forms(SafeRequest):
    """The part of a request that reads its query and parses its form."""

    form_data_parser_class = FormParser

    # Whether reading the query is not overridden.
    reads_query_plainly = True
    # Whether form parsing is not overridden; whether files are stored where Werkzeug stores them.
    parses_plainly = True
    _stores_plainly = True
    # A form that was parsed ahead: the limits that applied, and the form or an exception.
    _parsed_ahead: tuple[object, t.Any] | None = None

    @Lazy
    def args(self) -> MultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The fields of the query, after the question mark."""
        query = query_of(self)
        if not self.reads_query_plainly or "query_string" in self.__dict__ or not query.isascii():
            query = query_text(self.query_string)
        return read_fields(query, self.parameter_storage_class)

    @Lazy
    def form(self) -> datastructures.ImmutableMultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The fields of a form in the body, files excepted."""
        self._load_form_data()
        form: datastructures.ImmutableMultiDict[str, str] = self.__dict__["form"]
        return form

    @Lazy
    def files(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
    ) -> datastructures.ImmutableMultiDict[str, FileStorage]:
        """The files of a multipart form in the body."""
        self._load_form_data()
        attributes: dict[str, t.Any] = vars(self)
        if "files" not in attributes:
            empty: t.Any = self.parameter_storage_class()
            attributes["files"] = empty
            self._explain_missing_files()
        files: datastructures.ImmutableMultiDict[str, FileStorage] = attributes["files"]
        return files

    def _load_form_data(self) -> None:
        attributes = vars(self)
        if "form" in attributes:
            return
        if self.mimetype == _FORM and self.parses_plainly:
            storage = self.parameter_storage_class
            body: bytes | None = getattr(self, "_cached_data", None)
            if body is None:
                body = rest_of(self)
            else:
                # The fields are read from the kept body, and the stream is from now on a spent one.
                stream = attributes["stream"] = io.BytesIO(body)
                stream.seek(0, io.SEEK_END)
            try:
                attributes["form"] = read_fields(body.decode(), storage)
            except UnicodeDecodeError:
                attributes["form"] = storage()
        else:
            self._parse_form_data()
            self._explain_missing_files()

    def _explain_missing_files(self) -> None:
        """Let a file that is asked for in vain say, in debug mode, that the form is not made for files."""
        app = active_app()
        if app is not None and app.debug and self.mimetype != "multipart/form-data" and not self.files:
            from ..debughelpers import attach_enctype_error_multidict

            attach_enctype_error_multidict(self)

    def parse_form_ahead(self, body: t.IO[bytes]) -> None:
        """Parse a multipart form from *body*, a file of its own; the result is kept for later.

        A gateway calls this on a thread if a coroutine may use the form, which it would parse on its loop.
        """
        if self.mimetype != "multipart/form-data" or not (self.parses_plainly and self._stores_plainly):
            return
        limits = self._form_limits()
        try:
            found: t.Any = self.make_form_data_parser().parse(
                body, self.mimetype, self.content_length, self.mimetype_params
            )
        except HTTPException as error:
            found = error
        self._parsed_ahead = limits, found

    def _form_limits(self) -> object:
        return self.max_content_length, self.max_form_memory_size, self.max_form_parts

    def _parse_form_data(self) -> None:
        try:
            if not self._take_form_parsed_ahead():
                super()._load_form_data()
        except RefusedForm:
            # SECURITY: the rest of a body that was refused is not searched for parts. A handler of the
            # error may read the form, and finds it empty.
            storage = self.parameter_storage_class
            vars(self).update(stream=io.BytesIO(), form=storage(), files=storage())
            raise

    def _take_form_parsed_ahead(self) -> bool:
        """Use what was parsed ahead, if the body and its limits are as they were."""
        attributes = vars(self)
        if self._parsed_ahead is None or "stream" in attributes:
            return False
        limits, found = self._parsed_ahead
        is_there = self.read_length is None or "_cached_data" in attributes
        if not is_there or limits != self._form_limits():
            return False
        if isinstance(found, HTTPException):
            raise found
        del self._parsed_ahead
        attributes.update(stream=io.BytesIO(), form=found[1], files=found[2])
        return True

    def close(self) -> None:
        """Close the files of a form that was parsed."""
        if self.__dict__.get("files"):
            super().close()
        if self._parsed_ahead is not None and isinstance(self._parsed_ahead[1], tuple):
            for file in self._parsed_ahead[1][2].values():  # these have not been used
                file.close()
