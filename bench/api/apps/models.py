"""The models of an order and of what else is asked for, by any library of models that takes annotations."""

# Annotations are evaluated where they are written: a library may not find names of a function.

from typing import Annotated, Any, NamedTuple

PRODUCTS = 100


class Models(NamedTuple):
    Order: Any
    Found: Any
    Product: Any
    Search: Any
    products: list[Any]


def models_of(base: type, limits: Any) -> Models:
    """Make the models as subclasses of *base*; *limits* is what the library puts into `Annotated`."""
    name = Annotated[str, limits(min_length=1, max_length=80)]

    class Line(base):  # type: ignore[misc, valid-type]
        product: name  # type: ignore[valid-type]
        count: Annotated[int, limits(ge=1)]
        price: float

    class Order(base):  # type: ignore[misc, valid-type]
        customer: name  # type: ignore[valid-type]
        street: str
        city: str
        postcode: str
        country: Annotated[str, limits(min_length=2, max_length=2)]
        express: bool
        discount: float
        priority: Annotated[int, limits(ge=0, le=9)]
        note: str | None
        lines: list[Line]

    class Search(base):  # type: ignore[misc, valid-type]
        size: Annotated[int, limits(ge=1, le=100)] = 10
        least: float = 0.0
        active: bool = False

    class Found(base):  # type: ignore[misc, valid-type]
        id: int
        size: int
        least: float
        active: bool

    class Product(base):  # type: ignore[misc, valid-type]
        id: int
        name: str
        price: float
        in_stock: bool
        maker: str

    products = [
        Product(
            id=number, name=f"Product {number}", price=number * 1.25, in_stock=number % 2 == 0, maker="Erlen"
        )
        for number in range(PRODUCTS)
    ]
    return Models(Order, Found, Product, Search, products)
