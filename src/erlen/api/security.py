"""Credentials of a request: ``Annotated[str, Bearer()]``; without them the answer is a 401."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.exceptions import Unauthorized

if t.TYPE_CHECKING:
    from erlen import Request


@dataclass(frozen=True)
class Scheme:
    """A way to send credentials; its name in the document, and a description."""

    name: str | None = None
    description: str | None = None

    @property
    def title(self) -> str:
        """The name in the document."""
        return self.name or type(self).__name__.lower()

    def read(self, request: Request) -> t.Any:
        """Return the credentials of a request, or None."""
        raise NotImplementedError

    def challenge(self) -> WWWAuthenticate | None:
        """Return what `WWW-Authenticate` says."""
        raise NotImplementedError

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        raise NotImplementedError

    def refuse(self, description: str = "This address needs credentials.") -> Unauthorized:
        """Make the answer to a request without credentials, or with others than it needs."""
        return Unauthorized(description, www_authenticate=self.challenge())

    def _described(self, **fields: t.Any) -> dict[str, t.Any]:
        return {**fields, **({"description": self.description} if self.description else {})}


@dataclass(frozen=True)
class Bearer(Scheme):
    """A token in the header `Authorization: Bearer …` (RFC 6750): a str."""

    bearer_format: str | None = None
    scopes: tuple[str, ...] = ()

    def read(self, request: Request) -> str | None:
        """Return the token."""
        given = request.authorization
        return given.token if given is not None and given.type == "bearer" and given.token else None

    def challenge(self) -> WWWAuthenticate:
        """Return what `WWW-Authenticate` says."""
        return WWWAuthenticate("bearer", {"realm": "api"})

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        form = {"bearerFormat": self.bearer_format} if self.bearer_format else {}
        return self._described(type="http", scheme="bearer", **form)


@dataclass(frozen=True)
class Basic(Scheme):
    """User and password in the header `Authorization: Basic …` (RFC 7617): Werkzeug's `Authorization`."""

    realm: str = "api"

    def read(self, request: Request) -> Authorization | None:
        """Return user and password."""
        given = request.authorization
        return given if given is not None and given.type == "basic" else None

    def challenge(self) -> WWWAuthenticate:
        """Return what `WWW-Authenticate` says."""
        return WWWAuthenticate("basic", {"realm": self.realm})

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        return self._described(type="http", scheme="basic")


@dataclass(frozen=True)
class ApiKey(Scheme):
    """A key in a header, the query or a cookie: a str."""

    key: str = "X-API-Key"
    where: t.Literal["header", "query", "cookie"] = "header"

    def read(self, request: Request) -> str | None:
        """Return the key."""
        values: t.Any = {"header": request.headers, "query": request.args, "cookie": request.cookies}[
            self.where
        ]
        return values.get(self.key) or None

    def challenge(self) -> WWWAuthenticate:
        """Return what `WWW-Authenticate` says."""
        return WWWAuthenticate("apikey", {"realm": "api"})

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        return self._described(**{"type": "apiKey", "in": self.where, "name": self.key})


@dataclass(frozen=True)
class OAuth2(Bearer):
    """A bearer token of OAuth 2: the flows are those of OpenAPI."""

    flows: t.Mapping[str, t.Any] = field(default_factory=dict, hash=False)

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        return self._described(type="oauth2", flows=dict(self.flows))


@dataclass(frozen=True)
class OpenIdConnect(Bearer):
    """A bearer token of OpenID Connect; `url` is where the provider describes itself."""

    url: str = ""

    def as_document(self) -> dict[str, t.Any]:
        """Return the scheme as OpenAPI describes it."""
        return self._described(type="openIdConnect", openIdConnectUrl=self.url)
