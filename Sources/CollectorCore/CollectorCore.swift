// CollectorCore: see README.
