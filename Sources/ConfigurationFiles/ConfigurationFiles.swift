// Configuration: see README.
