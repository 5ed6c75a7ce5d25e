from __future__ import annotations

import pytest

from erlen.script import developer
from erlen.script.errors import ScriptError

from .conftest import Project


def test_the_variable_goes_before_git(repository: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert developer.current() == "zhangsan"
    monkeypatch.delenv("ERLEN_DEVELOPER")
    assert developer.current() == "ada_lovelace"


def test_without_git_it_is_the_login(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERLEN_DEVELOPER")
    monkeypatch.setenv("PATH", str(project.root))
    monkeypatch.setenv("LOGNAME", "lisi")
    assert developer.current() == "lisi"


def test_a_chinese_name_of_git_is_not_guessed_at(
    repository: Project, git: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ERLEN_DEVELOPER")
    git(repository, "config", "user.name", "张三")
    with pytest.raises(ScriptError, match=r"git's user\.name.*ERLEN_DEVELOPER=zhangsan"):
        developer.current()


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", unknown)
    assert developer.login().startswith("user_")
