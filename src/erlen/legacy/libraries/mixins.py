"""The mixins that Werkzeug's requests and responses were made of: today the classes have all of it."""

from __future__ import annotations


class AcceptMixin:
    """Nothing more: the request has ``accept_mimetypes`` and the others."""


class AuthorizationMixin:
    """Nothing more: the request has ``authorization``."""


class CORSRequestMixin:
    """Nothing more: the request has ``origin`` and the others."""


class CORSResponseMixin:
    """Nothing more: the response has ``access_control_allow_origin`` and the others."""


class CommonRequestDescriptorsMixin:
    """Nothing more: the request has ``content_type`` and the others."""


class CommonResponseDescriptorsMixin:
    """Nothing more: the response has ``mimetype`` and the others."""


class ETagRequestMixin:
    """Nothing more: the request has ``if_match`` and the others."""


class ETagResponseMixin:
    """Nothing more: the response has ``set_etag`` and the others."""


class JSONMixin:
    """Nothing more: requests and responses have ``get_json``."""


class PlainRequest:
    """Nothing more: ask for ``request.get_data()`` before the form."""


class ResponseStreamMixin:
    """Nothing more: the response has ``stream``."""


class StreamOnlyMixin:
    """A mixin of requests that read no form: the body is in ``stream`` alone."""

    want_form_data_parsed = False


class UserAgentMixin:
    """Nothing more: the request has ``user_agent``."""


class WWWAuthenticateMixin:
    """Nothing more: the response has ``www_authenticate``."""
