// Policy: see README.
