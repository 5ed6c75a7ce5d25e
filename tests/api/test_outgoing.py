"""What leaves is what is declared, and nothing else."""

import dataclasses
import typing as t

import attrs
import msgspec
import pytest
from typing_extensions import NotRequired, TypedDict

from erlen.api.outgoing import Encoder, exact_test, outgoing
from erlen.api.shapes import shape_of

pydantic = pytest.importorskip("pydantic")


class User(msgspec.Struct):
    name: str


class Admin(User):
    password: str = "secret"


class Team(msgspec.Struct):
    lead: User
    members: list[User] = []
    by_name: dict[str, User] = {}
    deputy: User | None = None


@dataclasses.dataclass
class Point:
    x: int


@dataclasses.dataclass
class SecretPoint(Point):
    password: str = "secret"


@attrs.define(slots=False)
class Place:
    name: str


class Row(TypedDict):
    id: int
    note: NotRequired[str]


class Pair(t.NamedTuple):
    a: int
    b: int


class Model(pydantic.BaseModel):
    name: str


class SecretModel(Model):
    password: str = "secret"


class Tree(msgspec.Struct):
    name: str
    children: "list[Tree]" = []


class Ticket:
    """An object as an ORM has it."""

    def __init__(self, **attributes: t.Any) -> None:
        vars(self).update(attributes)


def extra(value: t.Any) -> t.Any:
    value.password = "secret"
    return value


ADMIN = Admin("ann")
CASES: list[tuple[t.Any, t.Any, t.Any]] = [
    (User, User("ann"), {"name": "ann"}),
    (User, ADMIN, {"name": "ann"}),
    (list[User], [User("bob"), ADMIN], [{"name": "bob"}, {"name": "ann"}]),
    (dict[str, User], {"a": ADMIN}, {"a": {"name": "ann"}}),
    (User | None, ADMIN, {"name": "ann"}),
    (User | None, None, None),
    (
        Team,
        Team(ADMIN, [ADMIN], {"a": ADMIN}, ADMIN),
        {
            "lead": {"name": "ann"},
            "members": [{"name": "ann"}],
            "by_name": {"a": {"name": "ann"}},
            "deputy": {"name": "ann"},
        },
    ),
    (Point, SecretPoint(1), {"x": 1}),
    (Point, extra(Point(1)), {"x": 1}),
    (Place, extra(Place("here")), {"name": "here"}),
    (Row, {"id": 1, "password": "secret"}, {"id": 1}),
    (list[Row], [{"id": 1, "note": "x", "password": "secret"}], [{"id": 1, "note": "x"}]),
    (Pair, Pair(1, 2), [1, 2]),
    (Model, SecretModel(name="ann"), {"name": "ann"}),
    (list[Model], [SecretModel(name="ann")], [{"name": "ann"}]),
    (Model, Ticket(name="ann", password="secret"), {"name": "ann"}),
    (User, Ticket(name="ann", password="secret"), {"name": "ann"}),
    (User, {"name": "ann", "password": "secret"}, {"name": "ann"}),
    (list[User], (Ticket(name="ann", password="secret") for _ in range(1)), [{"name": "ann"}]),
    (Tree, Tree("a", [Tree("b")]), {"name": "a", "children": [{"name": "b", "children": []}]}),
    (int, 5, 5),
    (list[int], [1], [1]),
    (dict[str, t.Any], {"a": [1, None]}, {"a": [1, None]}),
]


@pytest.mark.parametrize(
    ("annotation", "value", "expected"), CASES, ids=[f"case {n}" for n in range(len(CASES))]
)
def test_only_declared_fields_leave(annotation: t.Any, value: t.Any, expected: t.Any) -> None:
    written = Encoder(annotation).encode(value)
    assert b"secret" not in written
    assert msgspec.json.decode(written) == expected


def test_an_object_without_a_declared_field_is_an_error() -> None:
    with pytest.raises(AttributeError, match="name"):
        Encoder(User).encode(Ticket(other=1))


@pytest.mark.parametrize(
    ("annotation", "value", "is_exact"),
    [
        (User, User("a"), True),
        (User, ADMIN, False),
        (list[User], [User("a")], True),
        (list[User], [ADMIN], False),
        (list[User], (User("a"),), False),
        (Team, Team(User("a"), [User("b")]), True),
        (Team, Team(User("a"), [ADMIN]), False),
        (Team, Team(User("a"), deputy=ADMIN), False),
        (dict[str, User], {"a": ADMIN}, False),
        (Tree, Tree("a"), True),
        (Place, Place("a"), False),
    ],
    ids=str,
)
def test_a_value_of_declared_classes_is_written_in_one_step(
    annotation: t.Any, value: t.Any, is_exact: bool
) -> None:
    test = exact_test(shape_of(annotation))
    assert test is not None
    assert test(value) is is_exact


def test_types_without_records_need_no_test() -> None:
    assert exact_test(shape_of(list[int])) is None
    assert exact_test(shape_of(dict[str, list[str] | None])) is None


def test_what_goes_out_of_a_struct_keeps_its_own_ways() -> None:
    class Renamed(msgspec.Struct, rename="camel", omit_defaults=True):
        first_name: str
        last_name: str = ""

    class More(Renamed):
        password: str = "secret"

    assert Encoder(Renamed).encode(More("ann")) == b'{"firstName":"ann"}'


@pytest.mark.parametrize(
    ("annotation", "value", "takes"),
    [
        (User, ADMIN, True),
        (User, Point(1), False),
        (list[User], [ADMIN], True),
        (int, "x", False),
        (int, 5, True),
        (Row, {"id": 1}, True),
        (Row, {}, False),
    ],
    ids=str,
)
def test_a_type_tells_what_it_takes(annotation: t.Any, value: t.Any, takes: bool) -> None:
    assert Encoder(annotation).takes(value) is takes


def test_a_scalar_goes_out_as_it_is() -> None:
    assert outgoing("x", shape_of(str)) == "x"


def test_models_of_pydantic_leave_by_their_aliases_as_the_document_says() -> None:
    class Named(pydantic.BaseModel):
        first_name: str = pydantic.Field(alias="firstName")

    assert Encoder(list[Named]).encode([Named(firstName="ann")]) == b'[{"firstName":"ann"}]'


@dataclasses.dataclass
class Sized:
    name: str
    size: int = 10


def test_a_dataclass_that_was_read_is_written_with_its_defaults() -> None:
    read = msgspec.json.decode(b'{"name": "a"}', type=Sized)
    assert Encoder(Sized).encode(read) == b'{"name":"a","size":10}'
    assert (
        Encoder(list[Sized]).encode([read, Sized("b", 2)])
        == b'[{"name":"a","size":10},{"name":"b","size":2}]'
    )


def test_an_attribute_of_its_own_does_not_stand_in_for_a_default() -> None:
    read = msgspec.json.decode(b'{"name": "a"}', type=Sized)
    read.password = "secret"
    assert Encoder(Sized).encode(read) == b'{"name":"a","size":10}'


def test_records_in_a_tuple_are_written_as_declared() -> None:
    encode = Encoder(tuple[User, int]).encode
    assert encode((Admin("ann"), 1)) == encode((User("ann"), 1)) == b'[{"name":"ann"},1]'


def test_a_typeddict_may_be_an_option() -> None:
    encode = Encoder(t.Union[frozenset[int], None, Row]).encode  # noqa: UP007  # typing's own
    assert encode({"id": 1, "more": 2}) == b'{"id":1}'
    assert encode(frozenset((1,))) == b"[1]"
    assert encode(None) == b"null"
