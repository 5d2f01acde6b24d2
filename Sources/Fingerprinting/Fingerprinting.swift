// Fingerprinting: see README.
