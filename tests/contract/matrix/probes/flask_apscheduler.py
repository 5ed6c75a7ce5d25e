"""Jobs are listed, added, paused and removed by the extension's REST interface."""

from flask import Flask
from flask_apscheduler import APScheduler

HIDE = (r'"(start_date|next_run_time)": ?"[^"]+"',)

app = Flask(__name__)
app.config.update(SCHEDULER_API_ENABLED=True, SCHEDULER_TIMEZONE="UTC")
scheduler = APScheduler()
scheduler.init_app(app)


def job():
    pass


scheduler.add_job("first", job, trigger="interval", hours=1)
scheduler.start(paused=True)


def talk(client):
    client.get("/scheduler")
    client.get("/scheduler/jobs/first")
    client.post("/scheduler/jobs/first/pause")
    client.open("/scheduler/jobs/first", method="DELETE")
    client.get("/scheduler/jobs")
    client.get("/scheduler/jobs/first")
    scheduler.shutdown(wait=False)
