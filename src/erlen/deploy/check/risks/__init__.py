"""Risks before an application is deployed, as `erlen check --deploy` looks for them: a module for each topic.

======================  ==================================================================
`keys`                  keys that sign; `key_quality` judges one
`secrets_in_code`       passwords and tokens in files that git tracks
`cookies`               flags of cookies
`hosts`                 the `Host` header
`https`                 redirects to HTTPS, HSTS, headers of pages
`proxies`               whose headers are believed
`limits`                bodies, forms and rates
`cross_site`            forms, scripts and WebSockets of other sites
`debugging`             what belongs to development
`files`                 files that others can read, or fetch
`permissions`           files that the serving user cannot read or write
`database`              migrations and tables
`workers`               what one process has, and the others do not
`mail`                  mails about errors
`packages`              extensions
======================  ==================================================================

The other modules read what the checks ask for: `written` the programs, `environment` the variables,
`middleware`, `databases` and `folders` the application, `access` the rights of a user.
"""

from __future__ import annotations

from ..finding import Check
from . import (
    cookies,
    cross_site,
    database,
    debugging,
    files,
    hosts,
    https,
    keys,
    limits,
    mail,
    packages,
    permissions,
    proxies,
    secrets_in_code,
    workers,
)

CHECKS: tuple[Check, ...] = (
    keys.check_missing,
    keys.check_keys,
    keys.check_fallbacks,
    keys.check_changes,
    secrets_in_code.check_secrets,
    debugging.check_modes,
    debugging.check_debuggers,
    debugging.check_run,
    debugging.check_breakpoints,
    debugging.check_flask_env,
    debugging.check_sql_echo,
    cookies.check_session_cookie,
    cookies.check_lifetime,
    cookies.check_remember_cookie,
    cross_site.check_csrf,
    cross_site.check_login,
    cross_site.check_cors,
    cross_site.check_websockets,
    hosts.check_hosts,
    https.check_https,
    https.check_hsts,
    https.check_headers,
    https.check_oauth,
    proxies.check_trusted_proxies,
    proxies.check_proxy_fix,
    proxies.check_front,
    proxies.check_server,
    limits.check_limits,
    limits.check_rates,
    files.check_environment_files,
    files.check_static_folders,
    files.check_writable,
    permissions.check_rights,
    database.check_database,
    workers.check_memory,
    mail.check_mail,
    packages.check_extensions,
)
