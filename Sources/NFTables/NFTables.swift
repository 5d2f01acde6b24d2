// NFTables: see README.
