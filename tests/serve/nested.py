"""An application with hooks of every kind, on itself and on nested blueprints."""

from __future__ import annotations

import typing as t

from tests.serve.beside import Framework


def noting(log: list[t.Any], name: str, result: t.Any = None) -> t.Callable[..., t.Any]:
    """Make a hook that notes its name, and gives back a response where it is given one."""

    def hook(*args: t.Any) -> t.Any:
        log.append(name)
        return args[0] if args and hasattr(args[0], "status_code") else result

    return hook


def nested(framework: Framework, log: list[t.Any]) -> t.Any:
    """Make an application with hooks of every kind on it, on a blueprint, and on one inside that."""
    app = framework.Flask("app")
    outer = framework.Blueprint("outer", "app", url_prefix="/outer")
    inner = framework.Blueprint("inner", "app", url_prefix="/inner")
    for name, place in (("app", app), ("outer", outer), ("inner", inner)):
        for n in "12":
            place.url_value_preprocessor(lambda e, v, name=name, n=n: log.append(f"values {name}{n} {e} {v}"))
            place.before_request(noting(log, f"before {name}{n}"))
            place.after_request(noting(log, f"after {name}{n}"))
            place.teardown_request(noting(log, f"teardown {name}{n}"))
        place.add_url_rule("/<int:x>", "view", lambda x, name=name: (log.append(f"view {name}"), f"{x}")[1])
    app.teardown_appcontext(noting(log, "teardown context"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app
