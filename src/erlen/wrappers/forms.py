"""The forms of a request, parsed by Werkzeug: on first use, or before that, off the loop."""

from __future__ import annotations

import io
import typing as t

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request as RequestBase

from .multipart import FormParser, RefusedForm

# A multipart form of more bytes takes too long to be parsed on a loop.
LARGE_FORM = 1 << 18


class Forms(RequestBase):
    """The part of a request that parses forms."""

    form_data_parser_class = FormParser

    # Whether form parsing is not overridden; whether files are stored where Werkzeug stores them.
    parses_plainly = True
    _stores_plainly = True
    # How much of the body was read without making the stream, or None.
    read_length: int | None = None
    # A form that was parsed ahead: the limits that applied, and the form or an exception.
    _parsed_ahead: tuple[object, t.Any] | None = None

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
