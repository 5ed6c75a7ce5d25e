"""The models of pydantic's."""

from pydantic import BaseModel, Field

from .models import models_of

Order, Found, Product, Search, PRODUCTS = models_of(BaseModel, Field)
