// WireProtocol: see README.
