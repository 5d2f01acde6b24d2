import GRDB

/// The tables, and how they came to be. Keyed by tenant and gateway first, so that the same schema spreads over a
/// partitioned PostgreSQL. What is only read whole is a JSON document; what is searched for is a column beside it.
enum SQLiteSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: gateways, devices, events, policies, tokens, people, audit") { database in
            try database.execute(sql: first)
        }
        migrator.registerMigration("2: knowledge") { database in try database.execute(sql: knowledge) }
        migrator.registerMigration("3: flows") { database in try database.execute(sql: flows) }
        migrator.registerMigration("4: signed files of several kinds") { database in
            try database.execute(sql: signedFiles)
        }
        return migrator
    }

    private static let flows = """
        CREATE TABLE flows (
            tenant TEXT NOT NULL, gateway TEXT NOT NULL, device TEXT NOT NULL, direction INTEGER NOT NULL,
            destination TEXT NOT NULL, transport INTEGER NOT NULL, port INTEGER NOT NULL, address TEXT NOT NULL,
            count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, counted_since INTEGER NOT NULL,
            earlier INTEGER NOT NULL,
            PRIMARY KEY (tenant, gateway, device, direction, destination, transport, port),
            FOREIGN KEY (tenant, gateway, device) REFERENCES devices (tenant, gateway, device) ON DELETE CASCADE)
            WITHOUT ROWID;
        CREATE INDEX flows_by_last ON flows (tenant, gateway, last);
        """

    private static let knowledge = """
        CREATE TABLE knowledge (
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, file BLOB NOT NULL, document BLOB NOT NULL);
        CREATE INDEX knowledge_by_tenant ON knowledge (tenant, id);
        """

    private static let signedFiles = """
        ALTER TABLE knowledge RENAME TO signed_files;
        ALTER TABLE signed_files ADD COLUMN kind TEXT NOT NULL DEFAULT 'knowledge';
        DROP INDEX knowledge_by_tenant;
        CREATE INDEX signed_files_by_kind ON signed_files (tenant, kind, id);
        """

    private static let first = """
        CREATE TABLE gateways (
            tenant TEXT NOT NULL, gateway TEXT NOT NULL, site TEXT NOT NULL, last_seen INTEGER NOT NULL,
            is_connected INTEGER NOT NULL, is_silent INTEGER NOT NULL, device_count INTEGER NOT NULL,
            own_events INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (tenant, gateway)) WITHOUT ROWID;
        CREATE TABLE devices (
            tenant TEXT NOT NULL, gateway TEXT NOT NULL, device TEXT NOT NULL, class TEXT NOT NULL,
            is_quarantined INTEGER NOT NULL, is_identified INTEGER NOT NULL, is_governed INTEGER NOT NULL,
            penalty INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (tenant, gateway, device),
            FOREIGN KEY (tenant, gateway) REFERENCES gateways (tenant, gateway) ON DELETE CASCADE) WITHOUT ROWID;
        CREATE TABLE violation_hours (
            tenant TEXT NOT NULL, gateway TEXT NOT NULL, device TEXT NOT NULL, hour INTEGER NOT NULL,
            dropped INTEGER NOT NULL, would_drop INTEGER NOT NULL,
            PRIMARY KEY (tenant, gateway, device, hour)) WITHOUT ROWID;
        CREATE INDEX violation_hours_by_hour ON violation_hours (hour);
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, gateway TEXT NOT NULL,
            boot_epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL,
            severity INTEGER NOT NULL, time INTEGER NOT NULL, received INTEGER NOT NULL, summary TEXT NOT NULL,
            fields BLOB NOT NULL,
            FOREIGN KEY (tenant, gateway) REFERENCES gateways (tenant, gateway) ON DELETE CASCADE);
        CREATE UNIQUE INDEX events_once ON events (tenant, gateway, boot_epoch, sequence);
        CREATE INDEX events_by_tenant ON events (tenant, id);
        CREATE INDEX events_by_gateway ON events (tenant, gateway, id);
        CREATE INDEX events_by_device ON events (tenant, device, id) WHERE device <> '';
        CREATE INDEX events_by_time ON events (tenant, received);
        CREATE TABLE policies (
            tenant TEXT NOT NULL, hash TEXT NOT NULL, generation INTEGER NOT NULL, envelope BLOB NOT NULL,
            document BLOB NOT NULL, PRIMARY KEY (tenant, hash)) WITHOUT ROWID;
        CREATE TABLE assignments (
            tenant TEXT NOT NULL, gateway TEXT NOT NULL, hash TEXT NOT NULL, generation INTEGER NOT NULL,
            document BLOB NOT NULL, PRIMARY KEY (tenant, gateway, hash),
            FOREIGN KEY (tenant, gateway) REFERENCES gateways (tenant, gateway) ON DELETE CASCADE,
            FOREIGN KEY (tenant, hash) REFERENCES policies (tenant, hash)) WITHOUT ROWID;
        CREATE INDEX assignments_by_policy ON assignments (tenant, hash);
        CREATE TABLE tokens (
            tenant TEXT NOT NULL, id TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, document BLOB NOT NULL,
            PRIMARY KEY (tenant, id)) WITHOUT ROWID;
        CREATE TABLE users (
            name TEXT NOT NULL PRIMARY KEY, tenant TEXT NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE sessions (
            secret_hash BLOB NOT NULL PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
            expires INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE api_tokens (
            id TEXT NOT NULL PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
            created INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY, tenant TEXT NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL, previous_hash BLOB NOT NULL,
            hash BLOB NOT NULL);
        CREATE INDEX audit_by_tenant ON audit (tenant, sequence);
        """
}
