"""Names that bridged Python 2 and 3."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from erlen.legacy.libraries import python2


def test_iteration() -> None:
    several = MultiDict([("a", 1), ("a", 2)])
    assert list(python2.iterkeys(several)) == ["a"]
    assert list(python2.itervalues(several)) == [1]
    assert list(python2.iteritems(several, multi=True)) == [("a", 1), ("a", 2)]
    assert list(python2.iterlists(several)) == [("a", [1, 2])]
    assert list(python2.iterlistvalues(several)) == [[1, 2]]
    assert list(python2.iter_bytes(b"ab")) == [b"a", b"b"]


def test_text_and_bytes() -> None:
    assert [python2.to_bytes(value) for value in ("ä", b"x", bytearray(b"y"), None)] == [
        "ä".encode(),
        b"x",
        b"y",
        None,
    ]
    assert [python2.to_unicode(value) for value in (b"\xc3\xa4", 1, None)] == ["ä", "1", None]
    assert python2.to_unicode(b"a", None, allow_none_charset=True) == b"a"
    assert [python2.to_native(value) for value in ("a", b"b", None)] == ["a", "b", None]
    with pytest.raises(TypeError, match="int"):
        python2.to_bytes(1)


def test_texts_of_an_environ() -> None:
    assert python2.wsgi_decoding_dance("\xc3\xa4") == "ä"
    assert python2.wsgi_encoding_dance("ä") == "\xc3\xa4"
    assert python2.wsgi_get_bytes("\xe4") == b"\xe4"


def test_a_class_with_a_metaclass() -> None:
    class Meta(type):
        pass

    class Made(python2.with_metaclass(Meta, dict)):  # type: ignore[misc]
        pass

    assert type(Made) is Meta
    assert Made.__bases__ == (dict,)


def test_an_exception_is_raised_again() -> None:
    error = ValueError("again")
    with pytest.raises(ValueError, match="again"):
        python2.reraise(ValueError, error)
    with pytest.raises(ValueError, match="again") as caught:
        python2.reraise(ValueError, error, caught_traceback())
    assert any(entry.name == "caught_traceback" for entry in caught.traceback)


def caught_traceback() -> object:
    try:
        raise LookupError
    except LookupError as error:
        return error.__traceback__


def test_classes_are_left_as_they_are() -> None:
    assert python2.implements_iterator(dict) is dict
    assert python2.implements_to_string(dict) is dict
    assert isinstance(1.5, python2.number_types)
