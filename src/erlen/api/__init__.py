"""Typed views: parameters, results and OpenAPI by the annotations of ordinary views.

=============  =================================================================================
`scope`        `Api`: the application or blueprint whose annotations are a contract
`views`        one view by its annotations: what is called in its place
`parameters`   where each parameter comes from
`reading`      reads queries, headers, cookies, forms and bodies
`results`      statuses and encoders by the return annotation
`errors`       `InvalidRequest` and its kin: problems of RFC 9457
`problems`     a model of the application's own in their place
`media_types`  JSON and MessagePack, by `Content-Type` and `Accept`
`providers`    functions that supply every parameter of a type
`security`     credentials, and the answers without them
=============  =================================================================================

Needs the extra `api` (msgspec).
"""

from __future__ import annotations

from msgspec import Meta as Meta

from .decorated import hidden as hidden
from .decorated import typed as typed
from .errors import Fault as Fault
from .errors import InvalidRequest as InvalidRequest
from .errors import MalformedBody as MalformedBody
from .errors import SetupError as SetupError
from .errors import WrongType as WrongType
from .scope import Api as Api
from .security import ApiKey as ApiKey
from .security import Basic as Basic
from .security import Bearer as Bearer
from .security import OAuth2 as OAuth2
from .security import OpenIdConnect as OpenIdConnect
from .security import Scheme as Scheme
from .sources import Body as Body
from .sources import Cookie as Cookie
from .sources import Form as Form
from .sources import Header as Header
from .sources import Query as Query
