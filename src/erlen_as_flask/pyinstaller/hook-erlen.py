"""What Erlen imports by names that no reader of its code can know: PyInstaller packs all of its modules."""

from __future__ import annotations

import importlib.util
from pathlib import Path

_spec = importlib.util.find_spec("erlen")
assert _spec is not None
assert _spec.origin is not None
_folder = Path(_spec.origin).parent
_files = (path.relative_to(_folder.parent).with_suffix("") for path in _folder.rglob("*.py"))

hiddenimports = sorted({".".join(path.parts).removesuffix(".__init__") for path in _files})
