// SystemIO: see README.
