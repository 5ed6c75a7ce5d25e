"""Forms of a request that Werkzeug parses: when somebody asks for them, or before that, off the loop."""

from __future__ import annotations

import io
import typing as t

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request as RequestBase

from .multipart import FormParser, RefusedForm

# A multipart form of more bytes than these takes so long to parse that a loop should not.
LARGE_FORM = 1 << 18


class Forms(RequestBase):
    """The part of a request that parses forms."""

    form_data_parser_class = FormParser

    # Whether the parsing of forms is as this class has it; whether files are kept where Werkzeug keeps them.
    parses_plainly = True
    _stores_plainly = True
    # How much of the body was read without making the stream; None where nothing was.
    read_length: int | None = None
    # A form that was parsed before anybody asked for it: the limits that held, and the form or an exception.
    _parsed_ahead: tuple[object, t.Any] | None = None

    def parse_form_ahead(self, body: t.IO[bytes]) -> None:
        """Parse a multipart form, of which *body* is a file of its own; the result waits to be asked for.

        A gateway calls this on a thread where a coroutine may ask, which would parse it on its loop.
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
            # SECURITY: nobody looks for parts in what is left of a body that was refused. A handler of the
            # error may ask for the form, and finds it empty.
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
            for file in self._parsed_ahead[1][2].values():  # nobody has asked for these
                file.close()
