internal import Foundation

/// A value of a JSON document, with the way that leads to it.
struct JSONNode {
    private let value: Any
    let path: String

    private init(_ value: Any, _ path: String) {
        self.value = value
        self.path = path
    }

    /// Parses a whole document.
    init(parsing bytes: [UInt8]) throws(MUDError) {
        do {
            value = try JSONSerialization.jsonObject(with: Data(bytes))
            path = ""
        } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "\(error)"
            throw MUDError(place: "", message: "is not JSON: \(reason)")
        }
    }

    func error(_ message: String) -> MUDError { MUDError(place: path, message: message) }

    private func child(_ value: Any, _ key: String) -> JSONNode {
        JSONNode(value, path.isEmpty ? key : "\(path)/\(key)")
    }

    /// The members of an object, in the order of their names.
    func members() throws(MUDError) -> [(key: String, value: JSONNode)] {
        guard let object = value as? [String: Any] else { throw error("is not an object") }
        return object.sorted { $0.key < $1.key }.map { ($0.key, child($0.value, $0.key)) }
    }

    /// A member of an object; nil where it is not there.
    func optional(_ key: String) throws(MUDError) -> JSONNode? {
        guard let object = value as? [String: Any] else { throw error("is not an object") }
        return object[key].map { child($0, key) }
    }

    func required(_ key: String) throws(MUDError) -> JSONNode {
        guard let member = try optional(key) else { throw error("\(key) is missing") }
        return member
    }

    func elements() throws(MUDError) -> [JSONNode] {
        guard let list = value as? [Any] else { throw error("is not a list") }
        return list.enumerated().map { JSONNode($0.element, "\(path)[\($0.offset)]") }
    }

    func text() throws(MUDError) -> String {
        guard let text = value as? String else { throw error("is not text") }
        return text
    }

    /// A number, or text that is one: RFC 7951 §6.1 writes the larger ones as text.
    func integer(_ range: ClosedRange<Int>) throws(MUDError) -> Int {
        let number =
            (value as? String).flatMap { Int($0) } ?? (value as? NSNumber).flatMap { Int(exactly: $0.doubleValue) }
        guard let number, range.contains(number) else {
            throw error("is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func boolean() throws(MUDError) -> Bool {
        guard let flag = value as? Bool else { throw error("is neither true nor false") }
        return flag
    }
}
