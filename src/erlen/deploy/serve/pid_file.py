import os


class PidFile:
    def __init__(self, p):
        self.p = p

    def __enter__(self):
        open(self.p, "w").write(str(os.getpid()))

    def __exit__(self, *a):
        os.unlink(self.p)
