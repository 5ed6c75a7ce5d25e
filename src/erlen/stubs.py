"""The alias for editors and type checkers, which read imports without running them.

``python -m erlen.stubs`` writes stubs into ``typings``, from which they learn that ``flask`` is Erlen.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .alias import MODULES, PACKAGES

_USAGE = """\
usage: python -m erlen.stubs [FOLDER]

Write stubs into FOLDER, by default 'typings', from which editors and type checkers learn that 'flask'
is Erlen.
"""

# Names with an underscore that Flask's modules define, too: `*` leaves them out.
_PRIVATE = {
    "flask.app": "_make_timedelta",
    "flask.cli": "_app_option _called_with_wrong_args _debug_option _env_file_callback _env_file_option"
    " _path_is_ancestor _set_app _set_debug _validate_key",
    "flask.ctx": "_AppCtxGlobals _sentinel",
    "flask.debughelpers": "_dump_loader_info",
    "flask.globals": "_cv_app _cv_request _no_app_msg _no_req_msg",
    "flask.helpers": "_prepare_send_file_kwargs _split_blueprint_path",
    "flask.json.provider": "_default",
    "flask.sansio.app": "_make_timedelta",
    "flask.sansio.scaffold": "_endpoint_from_view_func _find_package_path _sentinel",
    "flask.signals": "_signals",
    "flask.templating": "_default_template_ctx_processor _render _stream",
    "flask.testing": "_get_werkzeug_version",
}


def write_stubs(folder: Path) -> None:
    """Write a stub into *folder* for each module that the alias hands out."""
    for alias, name in MODULES.items():
        path = folder.joinpath(*alias.split("."))
        path = path / "__init__.pyi" if alias in PACKAGES else path.with_suffix(".pyi")
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"from {name} import *"]
        lines += [f"from {name} import {private} as {private}" for private in _PRIVATE.get(alias, "").split()]
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Write the stubs into the folder that the arguments name."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write(_USAGE)
        raise SystemExit(2)
    folder = Path(*arguments or ["typings"])
    write_stubs(folder)
    print(f"Wrote {folder / 'flask'}: its stubs say that 'flask' is Erlen.")


if __name__ == "__main__":
    main(sys.argv[1:])
