"""Folders of static files, and applications that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from erlen import Blueprint, Erlen
from erlen.deploy.static_digest.compression import compressors
from erlen.deploy.static_digest.digesting import Digest
from erlen.deploy.static_digest.manifest import Manifest

LONG = "body { color: black }\n" * 100


def write(folder: Path, **files: str | bytes) -> None:
    """Write files; a name has `__` for a slash and `_` for a point."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def run(folder: Path, prefix: str | None = "/static/", excluded: Sequence[str] = ()) -> Digest:
    """Digest a folder, and return the run."""
    digest = Digest(str(folder), prefix, compressors=compressors(), excluded=excluded)
    digest.run()
    return digest


def names(folder: Path) -> dict[str, str]:
    """Digest a folder, and return the names that URLs have then."""
    digest = Digest(str(folder), "/static/", compressors=compressors())
    manifest: Manifest = digest.run()
    return manifest.names


def listing(folder: Path) -> set[str]:
    """Return the names of all files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def app_in(root: Path, **config: object) -> Erlen:
    """Make an application with the static folder of *root*, and that of `root/blog` for a blueprint."""
    app = Erlen("shop", root_path=str(root))
    app.config.update(config)
    blog = Blueprint("blog", "blog", static_folder="static", url_prefix="/blog", root_path=str(root / "blog"))
    app.register_blueprint(blog)
    return app
