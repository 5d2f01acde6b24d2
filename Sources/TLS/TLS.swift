// TLS: see README.
