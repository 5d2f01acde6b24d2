// Storage: see README.
