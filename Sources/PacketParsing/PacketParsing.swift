// PacketParsing: see README.
