"""An application class of its own: parsed bodies, statuses, and answers as the client takes them."""

from flask import request
from flask_api import FlaskAPI, exceptions, status

app = FlaskAPI(__name__)
NOTES = {0: "shake"}


@app.route("/", methods=["GET", "POST"])
def notes():
    if request.method == "POST":
        NOTES[len(NOTES)] = str(request.data.get("text", ""))
        return {"text": NOTES[len(NOTES) - 1]}, status.HTTP_201_CREATED
    return [{"number": number, "text": text} for number, text in sorted(NOTES.items())]


@app.route("/<int:number>", methods=["GET", "DELETE"])
def note(number):
    if number not in NOTES:
        raise exceptions.NotFound()
    if request.method == "DELETE":
        NOTES.pop(number)
        return "", status.HTTP_204_NO_CONTENT
    return {"text": NOTES[number]}


def talk(client):
    client.get("/")
    client.post("/", json={"text": "stir"})
    client.post("/", data={"text": "form"})
    client.post("/", data="{", headers={"Content-Type": "application/json"})
    client.get("/9")
    client.open("/1", method="DELETE")
    client.get("/0", headers={"Accept": "text/html"})
