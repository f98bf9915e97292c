"""nginx as the engine (docs/adr): domains are rows of maps, and certificates are files chosen by variable.

What nginx refuses to vary by variable (origin trust, time limits, upload size, names of headers, the lowest
TLS version) makes a class: one server block for each class that is in use, however many domains are in it.
"""
