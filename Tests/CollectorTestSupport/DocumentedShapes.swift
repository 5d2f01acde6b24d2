import Foundation

/// The shapes in an OpenAPI document, to hold JSON against: as much of JSON Schema as the collector's document uses.
public struct DocumentedShapes: @unchecked Sendable {
    private let schemas: [String: [String: Any]]

    /// The shapes of a document.
    public init(_ document: [String: Any]) {
        let components = document["components"] as? [String: Any]
        schemas = components?["schemas"] as? [String: [String: Any]] ?? [:]
    }

    /// What of `value` is not as the shape `name` says, each with its place; empty where all is.
    public func faults(of value: Any, as name: String) -> [String] {
        guard let schema = schemas[name] else { return ["there is no shape \(name)"] }
        return faults(value, schema, at: name)
    }

    private func faults(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            guard let target = schemas[name] else { return ["\(place): there is no shape \(reference)"] }
            return faults(value, target, at: place)
        }
        if let words = schema["enum"] as? [String] {
            guard let word = value as? String, words.contains(word) else {
                return ["\(place): \(value) not in \(words)"]
            }
        }
        switch schema["type"] as? String {
        case "object": return object(value, schema, at: place)
        case "array":
            guard let list = value as? [Any] else { return ["\(place): no array"] }
            guard let items = schema["items"] as? [String: Any] else { return [] }
            return list.enumerated().flatMap { faults($1, items, at: "\(place)[\($0)]") }
        case "string":
            guard let text = value as? String else { return ["\(place): \(value) is no string"] }
            let isTime = text.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/#) != nil
            return schema["format"] as? String == "date-time" && !isTime ? ["\(place): \(text) is no time"] : []
        case "boolean": return value is Bool ? [] : ["\(place): \(value) is no boolean"]
        case "integer", "number": return number(value, schema, at: place)
        default: return []
        }
    }

    private func number(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        guard let number = value as? NSNumber else { return ["\(place): \(value) is no number"] }
        let (least, most) = (schema["minimum"] as? NSNumber, schema["maximum"] as? NSNumber)
        let isWhole = number.doubleValue == number.doubleValue.rounded()
        guard schema["type"] as? String == "number" || isWhole, number.doubleValue >= least?.doubleValue ?? -.infinity,
            number.doubleValue <= most?.doubleValue ?? .infinity
        else { return ["\(place): \(number) is out of bounds"] }
        return []
    }

    private func object(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        guard let object = value as? [String: Any] else { return ["\(place): no object"] }
        let required = schema["required"] as? [String] ?? []
        let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
        var found = required.filter { object[$0] == nil }.map { "\(place): \($0) is missing" }
        for (key, entry) in object.sorted(by: { $0.key < $1.key }) {
            if let property = properties[key] ?? schema["additionalProperties"] as? [String: Any] {
                found += faults(entry, property, at: "\(place).\(key)")
            } else {
                found.append("\(place): \(key) is not documented")
            }
        }
        return found
    }
}
