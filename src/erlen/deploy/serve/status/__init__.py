"""The status of a server: what its parent process knows, and the server that tells it."""

from .fields import OldestRequest, Reloads, State, Status, WorkerState, WorkerStatus
from .server import StatusServer

__all__ = ["OldestRequest", "Reloads", "State", "Status", "StatusServer", "WorkerState", "WorkerStatus"]
