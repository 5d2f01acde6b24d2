import Foundation
import GRDB

/// Records as JSON documents in a column, and numbers as SQLite takes them.
enum Documents {
    static func encode(_ value: some Encodable) throws -> Data { try JSONEncoder().encode(value) }

    static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data) throws -> Value {
        try JSONDecoder().decode(type, from: data)
    }
}

extension Row {
    /// The record in column `document`.
    func document<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let data: Data = self["document"]
        return try Documents.decode(type, data)
    }

    /// A number that was written by `Int64(clamping:)`.
    func unsigned(_ column: String) -> UInt64 {
        let number: Int64 = self[column]
        return UInt64(clamping: number)
    }

    func bytes(_ column: String) -> [UInt8] {
        let data: Data = self[column]
        return Array(data)
    }
}
