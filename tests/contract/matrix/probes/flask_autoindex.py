"""A folder is listed, and its files are served."""

from pathlib import Path

from flask import Flask
from flask_autoindex import AutoIndex

HIDE = (
    r"\d+\.\d+-\d+-\d+",
    r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",
    r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?",
    r"/\S*/matrix/[^/\s\"<]+",
)

Path("shown/sub").mkdir(parents=True, exist_ok=True)
Path("shown/a.txt").write_text("text a\n")

app = Flask(__name__)
AutoIndex(app, browse_root=str(Path("shown").resolve()))


def talk(client):
    client.get("/")
    client.get("/sub")
    client.get("/a.txt")
    client.get("/none")
