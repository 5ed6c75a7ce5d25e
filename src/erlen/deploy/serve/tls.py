def check_certificate(a, b):
    pass
