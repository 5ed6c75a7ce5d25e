from tests.deploy.check.applications import examined, marked, own_process, report

__all__ = ["examined", "marked", "own_process", "report"]
