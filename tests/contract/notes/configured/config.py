FROM_OBJECT = "config.py"
lower = "not taken: not a capital letter"
