"""The table of all names that Flask had in 1.1 to 2.2 and has no more, each with what to write instead.

One record for each name. How a name is written:

- ``flask.escape``, ``flask.Flask.before_first_request``, ``flask._compat``: a name of a module, an attribute
  of a class, a module;
- ``flask.send_file(attachment_filename)``: an argument of a function;
- ``flask.Flask.config[JSON_AS_ASCII]``: a configuration key;
- ``$FLASK_ENV``: a variable of the environment.

A name that can be imported from several modules of Flask is listed where it was documented; ``IMPORTED_FROM``
has the other modules.
"""

from __future__ import annotations

import typing as t

LEVELS = ("1.1", "2.2")
"""What may be asked for: the names and the behaviour of Flask 1.1, or those that Flask 2.2 still had."""


class Removed(t.NamedTuple):
    """A name that is gone."""

    name: str
    # The last version that had it: of Flask, or of the library if that is another one.
    last: str
    # What to write instead.
    instead: str
    # Who had it: the name of the package, "flask", "werkzeug", "jinja2", …
    library: str = "flask"

    def is_of(self, level: str) -> bool:
        """Tell whether the layer has it when it is asked for *level*: "1.1" has all, "2.2" what 2.2 had."""
        return level == LEVELS[0] or _numbers(self.last) >= _numbers(level)

    @property
    def kind(self) -> str:
        """One of "name", "argument", "key" and "variable"."""
        if self.name.startswith("$"):
            return "variable"
        return {")": "argument", "]": "key"}.get(self.name[-1], "name")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def rows(last: str, names: dict[str, str], library: str = "flask") -> tuple[Removed, ...]:
    """Return a record for each name of one version."""
    return tuple(Removed(name, last, instead, library) for name, instead in names.items())


_JSON_CLASS = "'app.json', a provider: flask.json.provider.DefaultJSONProvider"
_STACK_CONTEXT = "flask.g for data of your own, flask.request and flask.current_app for Flask's"

_LAST_IN_2_2 = {
    "flask.Markup": "markupsafe.Markup",
    "flask.escape": "markupsafe.escape",
    "flask._request_ctx_stack": _STACK_CONTEXT,
    "flask._app_ctx_stack": _STACK_CONTEXT,
    "flask.signals_available": "True: signals are always available",
    "flask.signals.signals_available": "True: signals are always available",
    "flask.Flask.before_first_request": "a call while the application is made, or 'before_serving' in Erlen",
    "flask.Flask.before_first_request_funcs": "a call while the application is made",
    "flask.Flask.got_first_request": "nothing: set the application up before it is served",
    "flask.Blueprint.before_app_first_request": "a call while the application is made, or 'record_once'",
    "flask.Flask.json_encoder": _JSON_CLASS,
    "flask.Flask.json_decoder": _JSON_CLASS,
    "flask.Blueprint.json_encoder": _JSON_CLASS,
    "flask.Blueprint.json_decoder": _JSON_CLASS,
    "flask.json.JSONEncoder": _JSON_CLASS,
    "flask.json.JSONDecoder": _JSON_CLASS,
    "flask.json.htmlsafe_dumps": "jinja2.utils.htmlsafe_json_dumps",
    "flask.json.htmlsafe_dump": "jinja2.utils.htmlsafe_json_dumps, and 'file.write'",
    "flask.json.dumps(app)": "app.json.dumps(…)",
    "flask.json.dump(app)": "app.json.dump(…)",
    "flask.json.loads(app)": "app.json.loads(…)",
    "flask.json.load(app)": "app.json.load(…)",
    "flask.Flask.env": "app.debug, or a configuration key of your own",
    "flask.Flask.propagate_exceptions": "app.config['PROPAGATE_EXCEPTIONS']",
    "flask.Flask.send_file_max_age_default": "app.config['SEND_FILE_MAX_AGE_DEFAULT']",
    "flask.Flask.session_cookie_name": "app.config['SESSION_COOKIE_NAME']",
    "flask.Flask.templates_auto_reload": "app.config['TEMPLATES_AUTO_RELOAD']",
    "flask.Flask.use_x_sendfile": "app.config['USE_X_SENDFILE']",
    "flask.Flask.config[ENV]": "app.config['DEBUG'], or a key of your own",
    "flask.Flask.config[JSON_AS_ASCII]": "app.json.ensure_ascii",
    "flask.Flask.config[JSON_SORT_KEYS]": "app.json.sort_keys",
    "flask.Flask.config[JSONIFY_PRETTYPRINT_REGULAR]": "app.json.compact = False",
    "flask.Flask.config[JSONIFY_MIMETYPE]": "app.json.mimetype",
    "$FLASK_ENV": "FLASK_DEBUG=1, or 'flask run --debug'",
    "flask.Request.charset": "'utf-8': there is no other",
    "flask.Request.encoding_errors": "'replace': there is no other",
    "flask.Request.url_charset": "'utf-8': there is no other",
    "flask.Response.charset": "'utf-8': there is no other",
    "flask.helpers.get_env": "flask.helpers.get_debug_flag",
    "flask.helpers.locked_cached_property": "werkzeug.utils.cached_property, with a lock of your own",
    "flask.helpers.is_ip": "ipaddress.ip_address",
    "flask.scaffold": "flask.sansio.scaffold",
    "flask.app.setupmethod": "flask.sansio.scaffold.setupmethod",
}
_LAST_IN_2_1 = {
    "flask.globals._lookup_req_object": "getattr(flask.globals.request_ctx, name)",
    "flask.globals._lookup_app_object": "getattr(flask.globals.app_ctx, name)",
    "flask.globals._find_app": "flask.current_app._get_current_object",
    "flask.Flask.preserve_context_on_exception": "'with app.test_client() as client:' in tests",
    "flask.Flask.config[PRESERVE_CONTEXT_ON_EXCEPTION]": "'with app.test_client() as client:' in tests",
    "flask.Flask.try_trigger_before_first_request_functions": "nothing: set up before serving",
    "flask.Blueprint.warn_on_modifications": "nothing: it is an error now",
    "flask.ctx.RequestContext.g": "flask.g",
    "flask.ctx.RequestContext.auto_pop": "flask.ctx.RequestContext.pop",
    "flask.ctx.RequestContext.preserved": "'with app.test_client() as client:' in tests",
    "flask.views.MethodViewType": "'__init_subclass__' of flask.views.MethodView",
    "flask.cli.DispatchingApp": "flask.cli.ScriptInfo.load_app",
    "flask.cli.get_env": "flask.helpers.get_debug_flag",
    "flask.debughelpers.explain_ignored_app_run": "nothing",
    "flask.send_file(attachment_filename)": "download_name",
    "flask.send_file(cache_timeout)": "max_age",
    "flask.send_file(add_etags)": "etag",
    "flask.send_from_directory(filename)": "path",
}
_LAST_IN_2_0 = {
    "flask.safe_join": "werkzeug.utils.safe_join, which returns None instead of raising NotFound",
    "flask.helpers.safe_join": "werkzeug.utils.safe_join, which returns None instead of raising NotFound",
    "flask.helpers.total_seconds": "'delta.total_seconds()'",
    "flask.Config.from_json": "app.config.from_file(name, load=json.load)",
    "flask.cli.call_factory": "nothing",
    "flask.cli.dotenv": "the module 'dotenv'",
    "flask.cli.find_app_by_string(script_info)": "nothing",
    "flask.cli.find_best_app(script_info)": "nothing",
    "flask.cli.locate_app(script_info)": "nothing",
}
_LAST_IN_1_1 = {
    "flask._compat": "Python 3's own names: str, dict.items(), io.StringIO, 'class A(metaclass=…)'",
    "flask.json_available": "True: JSON is always available",
    "flask.Flask.open_session": "app.session_interface.open_session(app, request)",
    "flask.Flask.save_session": "app.session_interface.save_session(app, session, response)",
    "flask.Flask.make_null_session": "app.session_interface.make_null_session(app)",
    "flask.Blueprint.register(first_registration)": "nothing: the blueprint finds out",
    "flask.helpers._PackageBoundObject": "flask.sansio.scaffold.Scaffold",
    "flask.helpers._endpoint_from_view_func": "view_func.__name__",
    "flask.helpers.find_package": "flask.sansio.scaffold.find_package",
    "flask.helpers._find_package_path": "flask.sansio.scaffold._find_package_path",
    "flask.json.tojson_filter": "the filter 'tojson' of Jinja",
    "flask.json.detect_encoding": "json.detect_encoding",
    "flask.wrappers.JSONMixin": "flask.Request and flask.Response, which have its methods",
    "flask.testing.make_test_environ_builder": "flask.testing.EnvironBuilder",
    "flask.send_file(filename_or_fp)": "path_or_file",
    "flask.Response.get_json(cache)": "nothing",
    "flask.Flask.jinja_options[extensions]": "app.jinja_env.add_extension, or a dict of your own",
}
# Flask 1.0 removed these already; what was written for 0.12 still has them.
_LAST_IN_0_12 = {
    "flask.ext": "the extension's own package: 'import flask_sqlalchemy' for 'flask.ext.sqlalchemy'",
    "flask.exthook": "nothing",
}

REMOVED: tuple[Removed, ...] = (
    *rows("2.2", _LAST_IN_2_2),
    *rows("2.1", _LAST_IN_2_1),
    *rows("2.0", _LAST_IN_2_0),
    *rows("1.1", _LAST_IN_1_1),
    *rows("0.12", _LAST_IN_0_12),
)
"""All records of Flask's names; ``erlen.legacy.libraries`` has those of other packages."""

# Names that Flask's modules only used themselves, but which code imports from there: for each the name in
# REMOVED, or where it is today. By the last version that had it there.
IMPORTED_FROM: dict[str, dict[str, str]] = {
    "2.2": {
        "flask.app.Config": "flask.config.Config",
        "flask.app.ConfigAttribute": "flask.config.ConfigAttribute",
        "flask.app.Map": "werkzeug.routing.Map",
        "flask.app.BadRequest": "werkzeug.exceptions.BadRequest",
        "flask.app.DispatchingJinjaLoader": "flask.templating.DispatchingJinjaLoader",
        "flask.app.Scaffold": "flask.sansio.scaffold.Scaffold",
        "flask.app._AppCtxGlobals": "flask.ctx._AppCtxGlobals",
        "flask.app._endpoint_from_view_func": "flask.sansio.scaffold._endpoint_from_view_func",
        "flask.app.create_logger": "flask.logging.create_logger",
        "flask.app.find_package": "flask.sansio.scaffold.find_package",
        "flask.app.locked_cached_property": "flask.helpers.locked_cached_property",
        "flask.blueprints.Scaffold": "flask.sansio.scaffold.Scaffold",
        "flask.blueprints._endpoint_from_view_func": "flask.sansio.scaffold._endpoint_from_view_func",
        "flask.debughelpers.Flask": "flask.Flask",
        "flask.globals._request_ctx_stack": "flask._request_ctx_stack",
        "flask.globals._app_ctx_stack": "flask._app_ctx_stack",
        "flask.sessions.is_ip": "flask.helpers.is_ip",
    },
    "2.1": {
        "flask.app._request_ctx_stack": "flask._request_ctx_stack",
        "flask.app.get_env": "flask.helpers.get_env",
        "flask.app.json": "flask.json",
        "flask.app.jsonify": "flask.jsonify",
        "flask.app.url_for": "flask.url_for",
        "flask.ctx._request_ctx_stack": "flask._request_ctx_stack",
        "flask.ctx._app_ctx_stack": "flask._app_ctx_stack",
        "flask.debughelpers._request_ctx_stack": "flask._request_ctx_stack",
        "flask.helpers._request_ctx_stack": "flask._request_ctx_stack",
        "flask.helpers._app_ctx_stack": "flask._app_ctx_stack",
        "flask.helpers.BuildError": "werkzeug.routing.BuildError",
        "flask.helpers.url_quote": "urllib.parse.quote",
        "flask.json.http_date": "werkzeug.http.http_date",
        "flask.json.request": "flask.request",
        "flask.templating._request_ctx_stack": "flask._request_ctx_stack",
        "flask.templating._app_ctx_stack": "flask._app_ctx_stack",
        "flask.testing._request_ctx_stack": "flask._request_ctx_stack",
        "flask.testing.json_dumps": "flask.json.dumps",
    },
    "2.0": {
        "flask.helpers.NotFound": "werkzeug.exceptions.NotFound",
        "flask.helpers.timedelta": "datetime.timedelta",
    },
    "1.1": {
        "flask.app._PackageBoundObject": "flask.helpers._PackageBoundObject",
        "flask.app._default_template_ctx_processor": "flask.templating._default_template_ctx_processor",
        "flask.app.MethodNotAllowed": "werkzeug.exceptions.MethodNotAllowed",
        "flask.app.default_exceptions": "werkzeug.exceptions.default_exceptions",
        "flask.app.integer_types": "flask._compat.integer_types",
        "flask.app.reraise": "flask._compat.reraise",
        "flask.app.string_types": "flask._compat.string_types",
        "flask.app.text_type": "flask._compat.text_type",
        "flask.blueprints._PackageBoundObject": "flask.helpers._PackageBoundObject",
        "flask.cli.getargspec": "flask._compat.getargspec",
        "flask.cli.reraise": "flask._compat.reraise",
        "flask.cli.text_type": "flask._compat.text_type",
        "flask.config.json": "json",
        "flask.config.string_types": "flask._compat.string_types",
        "flask.ctx.reraise": "flask._compat.reraise",
        "flask.helpers.BadRequest": "werkzeug.exceptions.BadRequest",
        "flask.helpers.FileSystemLoader": "jinja2.FileSystemLoader",
        "flask.helpers.Headers": "werkzeug.datastructures.Headers",
        "flask.helpers.PY2": "flask._compat.PY2",
        "flask.helpers.RequestedRangeNotSatisfiable": "werkzeug.exceptions.RequestedRangeNotSatisfiable",
        "flask.helpers.string_types": "flask._compat.string_types",
        "flask.helpers.text_type": "flask._compat.text_type",
        "flask.helpers.wrap_file": "werkzeug.wsgi.wrap_file",
        "flask.json.Markup": "markupsafe.Markup",
        "flask.json.PY2": "flask._compat.PY2",
        "flask.json.datetime": "datetime.datetime",
        "flask.json.text_type": "flask._compat.text_type",
        "flask.json.tag.iteritems": "flask._compat.iteritems",
        "flask.json.tag.text_type": "flask._compat.text_type",
        "flask.sessions.total_seconds": "flask.helpers.total_seconds",
        "flask.views.with_metaclass": "flask._compat.with_metaclass",
    },
}
