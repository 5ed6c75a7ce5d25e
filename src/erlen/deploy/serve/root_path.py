def normalized(p):
    return p


def under(p, a):
    return a
