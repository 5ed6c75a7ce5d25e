"""One application on two frameworks: what real Flask answers, Erlen answers.

`application` and `scenarios` say `from flask import …`. Each framework runs them in a process of its own
(`worker`), which takes steps as lines of JSON and tells what came of them; `peers` sends both the same steps.
Nothing here knows the right answer: Flask's answer is. `differences` lists where Erlen differs on purpose.
"""
