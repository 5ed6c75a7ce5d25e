"""`erlen.cli` is what extensions know as `flask.cli`: its names, signatures, and patches that take effect."""

from __future__ import annotations

import inspect
import types
import typing as t

import click
import flask.cli
import pytest
from click.testing import CliRunner

import erlen.cli
from erlen import Flask

FLASK_NAMES = sorted(name for name in vars(flask.cli) if not name.startswith("__") and name != "annotations")
FUNCTIONS = [name for name in FLASK_NAMES if isinstance(getattr(flask.cli, name), types.FunctionType)]
CLASSES = ["ScriptInfo", "AppGroup", "FlaskGroup", "CertParamType", "SeparatedPathType", "NoAppException"]
COMMANDS = ["run_command", "shell_command", "routes_command"]


@pytest.mark.parametrize("name", FLASK_NAMES)
def test_every_name_of_flasks_module_is_there(name: str) -> None:
    theirs, ours = getattr(flask.cli, name), getattr(erlen.cli, name)
    assert isinstance(ours, types.ModuleType) == isinstance(theirs, types.ModuleType)
    assert callable(ours) == callable(theirs)


def parameters(function: t.Callable[..., t.Any]) -> list[tuple[str, t.Any, t.Any]]:
    found = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in found]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_what_flasks_take(name: str) -> None:
    assert parameters(getattr(erlen.cli, name)) == parameters(getattr(flask.cli, name))


@pytest.mark.parametrize("name", CLASSES)
def test_classes_have_the_bases_and_methods_of_flasks(name: str) -> None:
    ours, theirs = getattr(erlen.cli, name), getattr(flask.cli, name)
    click_bases = [base for base in theirs.__mro__ if base.__module__.startswith("click.")]
    assert [base for base in ours.__mro__ if base.__module__.startswith("click.")] == click_bases
    for method, function in vars(theirs).items():
        if isinstance(function, types.FunctionType):
            assert parameters(getattr(ours, method)) == parameters(function), method


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_have_the_options_of_flasks(name: str) -> None:
    def options(command: click.Command) -> list[tuple[t.Any, ...]]:
        return [
            (
                type(o),
                o.name,
                o.opts,
                o.secondary_opts,
                o.default,
                o.required,
                o.is_eager,
                o.expose_value,
                o.type.name,
            )
            for o in command.params
        ]

    assert options(getattr(erlen.cli, name)) == options(getattr(flask.cli, name))


def test_the_script_info_has_the_attributes_of_flasks() -> None:
    assert vars(erlen.cli.ScriptInfo()) == vars(flask.cli.ScriptInfo())


@pytest.fixture
def info() -> erlen.cli.ScriptInfo:
    return erlen.cli.ScriptInfo(create_app=lambda: Flask("patched"))


class Called(Exception):
    """Says that the replacement was called."""


def replacement(*args: object, **kwargs: object) -> t.NoReturn:
    raise Called


def test_a_patched_run_simple_serves_in_place_of_the_server(
    monkeypatch: pytest.MonkeyPatch, runner: CliRunner, info: erlen.cli.ScriptInfo
) -> None:
    served: dict[str, t.Any] = {}
    monkeypatch.setattr("erlen.cli.run_simple", lambda *args, **options: served.update(options, args=args))
    result = runner.invoke(erlen.cli.run_command, ["--port", "8000", "--no-reload"], obj=info)
    assert result.exit_code == 0, result.output
    assert served == {
        "args": ("127.0.0.1", 8000, info.load_app()),
        "use_reloader": False,
        "use_debugger": False,
        "threaded": True,
        "ssl_context": None,
        "extra_files": None,
        "exclude_patterns": None,
    }


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("run_simple", ["run"]),
        ("show_server_banner", ["run"]),
        ("get_debug_flag", ["run"]),
        ("is_running_from_reloader", ["run"]),
        ("load_dotenv", ["routes"]),
        ("ScriptInfo", ["routes"]),
        ("get_load_dotenv", ["routes"]),
        ("prepare_import", ["--app", "x", "routes"]),
        ("prepare_import", ["routes"]),
        ("locate_app", ["--app", "x", "routes"]),
        ("find_best_app", ["--app", "json", "routes"]),
        ("find_app_by_string", ["--app", "json:x", "routes"]),
        ("import_string", ["--app", "json", "run", "--cert", "x"]),
    ],
)
def test_a_name_patched_in_the_package_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch, runner: CliRunner, folder: object, name: str, arguments: list[str]
) -> None:
    if name in ("run_simple", "show_server_banner", "get_debug_flag", "is_running_from_reloader"):
        group = erlen.cli.FlaskGroup(create_app=lambda: Flask("patched"))
    else:
        group = erlen.cli.FlaskGroup()
    monkeypatch.setattr(f"erlen.cli.{name}", replacement)
    assert isinstance(runner.invoke(group, arguments).exception, Called)


def test_a_patched_call_check_decides_about_a_factorys_type_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erlen.cli._called_with_wrong_args", lambda f: True)

    class Module:
        @staticmethod
        def create_app() -> t.NoReturn:
            raise TypeError("from inside")

    with pytest.raises(erlen.cli.NoAppException):
        erlen.cli.find_best_app(t.cast(types.ModuleType, Module))


def test_main_runs_the_group_that_is_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    class Group:
        main = staticmethod(replacement)

    monkeypatch.setattr("erlen.cli.cli", Group)
    with pytest.raises(Called):
        erlen.cli.main()
