"""What was ``flask._compat``: one text for Python 2 and 3, of which the half for Python 3 is left."""

from __future__ import annotations

import collections.abc as collections_abc  # noqa: F401
from inspect import getfullargspec as getargspec  # noqa: F401

from ..libraries.python2 import PY2 as PY2
from ..libraries.python2 import StringIO as StringIO
from ..libraries.python2 import fspath as fspath
from ..libraries.python2 import implements_to_string as implements_to_string
from ..libraries.python2 import integer_types as integer_types
from ..libraries.python2 import iteritems as iteritems
from ..libraries.python2 import iterkeys as iterkeys
from ..libraries.python2 import itervalues as itervalues
from ..libraries.python2 import reraise as reraise
from ..libraries.python2 import string_types as string_types
from ..libraries.python2 import text_type as text_type
from ..libraries.python2 import with_metaclass as with_metaclass

BROKEN_PYPY_CTXMGR_EXIT = False
json_available = True
