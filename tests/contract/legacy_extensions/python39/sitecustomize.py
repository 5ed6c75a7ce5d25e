"""The names of `collections` that Python 3.9 was the last to have, for the side of Flask 1.1.4.

Only the reference needs it: Erlen's legacy layer has these names itself.
"""

import collections
import collections.abc

for name in collections.abc.__all__:
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
