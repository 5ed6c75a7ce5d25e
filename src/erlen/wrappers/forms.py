"""The query and the form of a request: multipart forms are parsed by Werkzeug.

A large one may be parsed before its first use, off the loop.
"""

from __future__ import annotations

import io
import typing as t

from werkzeug import datastructures
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from ..active import active_app
from .body import rest_of
from .lazy import Lazy
from .multipart import FormParser, RefusedForm
from .safe import SafeRequest, query_text
from .urlencoded import FORM_TYPE, read_fields, read_form

if t.TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

# A multipart form of more bytes takes too long to be parsed on a loop.
LARGE_FORM = 1 << 18

_FORM_TYPE = FORM_TYPE.encode()


class _Query(Lazy[MultiDict[str, str]]):
    """The fields of the query, read in few steps where nothing is overridden.

    PERF: 0.8 us instead of 1.0 for two fields (CPython 3.11).
    """

    # Types are those of the base class.
    if not t.TYPE_CHECKING:

        def __get__(self, obj: t.Any, owner: type) -> t.Any:
            if obj is None:
                return self
            attributes = obj.__dict__
            if not obj.reads_query_plainly or "query_string" in attributes:
                return super().__get__(obj, owner)
            if "environ" in attributes:
                text = attributes["environ"].get("QUERY_STRING", "")
            elif "_scope" in attributes:
                text = attributes["_scope"]["query_string"].decode("latin1")
            else:
                return super().__get__(obj, owner)
            if not text.isascii():
                return super().__get__(obj, owner)
            fields = attributes["args"] = read_fields(text, obj.parameter_storage_class)
            return fields


class _Form(Lazy[datastructures.ImmutableMultiDict[str, str]]):
    """The fields of a form, read in few steps where it is not multipart and nothing is overridden.

    PERF: 2.1 us instead of 2.9 for three fields, the body included (CPython 3.11).
    """

    # Types are those of the base class.
    if not t.TYPE_CHECKING:

        def __get__(self, obj: t.Any, owner: type) -> t.Any:
            if obj is None:
                return self
            attributes = obj.__dict__
            if (
                obj.reads_form_plainly
                and "form" not in attributes
                and "headers" not in attributes
                and "_parsed_content_type" not in attributes
                and "_cached_data" not in attributes
            ):
                if "environ" in attributes:
                    is_form = attributes["environ"].get("CONTENT_TYPE") == FORM_TYPE
                else:
                    is_form = attributes.get("_fields", {}).get(b"content-type") == _FORM_TYPE
                if is_form:
                    form = attributes["form"] = read_form(rest_of(obj), obj.parameter_storage_class)
                    return form
            return super().__get__(obj, owner)


class Forms(SafeRequest):
    """The part of a request that reads its query and parses its form."""

    form_data_parser_class = FormParser

    # Whether reading the query and its fields is not overridden.
    reads_query_plainly = True
    # Whether reading a form that is not multipart is not overridden.
    reads_form_plainly = True
    # Whether form parsing is not overridden; whether files are stored where Werkzeug stores them.
    parses_plainly = True
    _stores_plainly = True
    # A form that was parsed ahead: the limits that applied, and the form or an exception.
    _parsed_ahead: tuple[object, t.Any] | None = None

    @_Query
    def args(self) -> MultiDict[str, str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The fields of the query, after the question mark."""
        return read_fields(query_text(self.query_string), self.parameter_storage_class)

    @_Form
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
        if self.mimetype == FORM_TYPE and self.parses_plainly:
            storage = self.parameter_storage_class
            body: bytes | None = getattr(self, "_cached_data", None)
            if body is None:
                body = rest_of(self)
            else:
                # The fields are read from the kept body, and the stream is from now on a spent one.
                stream = attributes["stream"] = io.BytesIO(body)
                stream.seek(0, io.SEEK_END)
            attributes["form"] = read_form(body, storage)
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
