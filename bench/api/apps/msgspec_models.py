"""The models of msgspec's."""

from msgspec import Meta, Struct

from .models import models_of

Order, Found, Product, Search, PRODUCTS = models_of(Struct, Meta)
