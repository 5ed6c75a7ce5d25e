"""Writing of a small text file so that nothing is lost, whatever happens meanwhile."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
import tempfile
import typing as t

from .key import NotWritable

NEW_FILE_MODE = 0o600


class TextFile:
    """A file as it was found, and the way to replace it. There may be none yet."""

    def __init__(self, path: str) -> None:
        """Read the file. Raises NotWritable where it is none that may be written to."""
        self.path = path
        # The file behind a link is replaced, and the link stays.
        self.target = os.path.realpath(path)
        self._found = self._look()
        raw = b"" if self._found is None else self._read()
        self._has_mark = raw.startswith(codecs.BOM_UTF8)
        try:
            self.text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise self._refuse(f"is not UTF-8 (line {line}): save it as UTF-8 first") from None

    @property
    def is_new(self) -> bool:
        """Whether there was no file."""
        return self._found is None

    @property
    def is_for_all(self) -> bool:
        """Whether every user of the machine may read it."""
        return self._found is not None and os.name == "posix" and bool(self._found.st_mode & stat.S_IROTH)

    def _look(self) -> os.stat_result | None:
        folder = os.path.dirname(self.target)
        if not os.path.isdir(folder):
            raise self._refuse(f"cannot be made: there is no folder {folder!r}")
        try:
            found = os.stat(self.target)
        except FileNotFoundError:
            if os.path.islink(self.path):
                raise self._refuse(f"is a link to {self.target!r}, which does not exist") from None
            return None
        except OSError as error:
            raise self._refuse(f"cannot be read: {error.strerror}") from error
        if stat.S_ISDIR(found.st_mode):
            raise self._refuse("is a folder: name a file, as in '--write shop.env'")
        if not stat.S_ISREG(found.st_mode):
            raise self._refuse("is no ordinary file")
        user = getattr(os, "geteuid", lambda: found.st_uid)()
        if found.st_uid != user:
            raise self._refuse(f"belongs to the user {_name_of(found.st_uid)}: run this as that user")
        if not found.st_mode & stat.S_IWUSR:
            raise self._refuse("is read-only: make it writable first ('chmod u+w')")
        return found

    def _read(self) -> bytes:
        try:
            with open(self.target, "rb") as file:
                return file.read()
        except OSError as error:
            raise self._refuse(f"cannot be read: {error.strerror}") from error

    def write(self, text: str) -> None:
        """Replace the text. Raises NotWritable; the file is as it was then, also if the disk is full."""
        data = (codecs.BOM_UTF8 if self._has_mark else b"") + text.encode()
        try:
            if self._found is None:
                self._create(data)
            else:
                self._replace(data, self._found)
        except OSError as error:
            raise self._refuse(f"could not be written: {error.strerror}. It is as it was") from error

    def _create(self, data: bytes) -> None:
        # SECURITY: its owner's alone before anything is in it, and never one that was made meanwhile.
        descriptor = os.open(self.target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, NEW_FILE_MODE)
        with _removed_after_an_error(self.target):
            _write_all(descriptor, data)

    def _replace(self, data: bytes, found: os.stat_result) -> None:
        folder, name = os.path.split(self.target)
        descriptor, temporary = tempfile.mkstemp(prefix=f"{name}.", dir=folder)
        with _removed_after_an_error(temporary):
            _write_all(descriptor, data, lambda: _take_over(descriptor, found))
            if _identity(os.stat(self.target)) != _identity(found):
                raise self._refuse("was changed meanwhile by somebody else: try again")
            os.replace(temporary, self.target)

    def _refuse(self, why: str) -> NotWritable:
        return NotWritable(f"{self.path!r} {why}.")


def _write_all(descriptor: int, data: bytes, before_the_end: t.Callable[[], None] = lambda: None) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        before_the_end()
        os.fsync(descriptor)


def _take_over(descriptor: int, found: os.stat_result) -> None:
    """Give the new file the group and the rights of the one that it replaces."""
    if os.name != "posix":
        return
    mode = stat.S_IMODE(found.st_mode)
    try:
        os.fchown(descriptor, -1, found.st_gid)
    except PermissionError:
        mode &= ~stat.S_IRWXG  # SECURITY: another group's rights are not for this one
    os.fchmod(descriptor, mode)


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextlib.contextmanager
def _removed_after_an_error(path: str) -> t.Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _name_of(user: int) -> str:
    try:
        import pwd

        return repr(pwd.getpwuid(user).pw_name)
    except (ImportError, KeyError):
        return str(user)
