"""Logs for production: text or JSON lines, a request id in each record, an access log, errors by mail."""

from .exchange import RequestIdFilter as RequestIdFilter
from .exchange import request_id as request_id
from .installing import configure as configure
from .installing import init_app as init_app
from .installing import remove as remove
