"""What each layer needs of an application is what an application has."""

from __future__ import annotations

import ast

import pytest

from erlen import Erlen
from tests.architecture.layers import tree_of

CONTRACTS = ("declare.contract", "plan.contract", "serve.contract")

APP = Erlen(__name__)


def needed_by(contract: str) -> set[str]:
    """Return the names that the classes of a contract annotate."""
    return {
        line.target.id
        for node in tree_of(contract).body
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


@pytest.mark.parametrize("contract", CONTRACTS)
def test_an_application_has_what_a_contract_says(contract: str) -> None:
    names = needed_by(contract)
    assert names
    assert [name for name in sorted(names) if not hasattr(APP, name)] == []


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_says_and_does_nothing_else(contract: str) -> None:
    allowed = (ast.AnnAssign, ast.Expr, ast.FunctionDef, ast.Pass)
    for node in tree_of(contract).body:
        if isinstance(node, ast.ClassDef):
            assert all(isinstance(line, allowed) for line in node.body), node.name
