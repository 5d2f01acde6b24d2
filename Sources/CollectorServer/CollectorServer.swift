// CollectorServer: see README.
