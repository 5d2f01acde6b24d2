/// Puts together what a fingerprint says of one banner: groups, fixed values, and values that name others.
struct RecogComposer {
    private let parameters: [String: RecogParameter]
    private let order: [String]
    private let groups: [Range<Int>?]
    private let banner: [UInt8]
    /// The values that were put together, nil for those that are none: one is wanted by several.
    private var made: [String: String?] = [:]
    /// Why a value could not be put together; nil where all could.
    private(set) var missing: String?

    init(parameters: [RecogParameter], groups: [Range<Int>?], banner: [UInt8]) {
        var byName: [String: RecogParameter] = [:]
        for parameter in parameters { byName[parameter.name] = parameter }
        self.parameters = byName
        order = parameters.map(\.name)
        self.groups = groups
        self.banner = banner
    }

    /// The values by name. A group that took no part gives none. Names that begin with `_tmp.` serve others only.
    mutating func compose() -> [String: String] {
        var values: [String: String] = [:]
        for name in order where !name.hasPrefix("_tmp.") {
            if let value = value(of: name) { values[name] = value }
        }
        return values
    }

    /// That no value names itself, over however many others, was seen to when the file was read.
    private mutating func value(of name: String) -> String? {
        if let known = made[name] { return known }
        let value = make(name)
        made[name] = .some(value)
        return value
    }

    private mutating func make(_ name: String) -> String? {
        guard let parameter = parameters[name] else { return nil }
        guard parameter.group == 0 else {
            guard parameter.group < groups.count, let range = groups[parameter.group] else { return nil }
            return String(decoding: banner[range], as: UTF8.self)
        }
        let isCPE = name.hasSuffix(".cpe23")
        var text = ""
        for piece in parameter.pieces {
            switch piece {
            case .text(let part): text += part
            case .name(let other):
                if let part = value(of: other) {
                    guard isCPE else {
                        text += part
                        continue
                    }
                    guard let escaped = CPEName.component(part, isFormatted: parameter.value.hasPrefix("cpe:2.3:"))
                    else {
                        // A CPE name has no letters beyond ASCII; then there is none.
                        return nil
                    }
                    text += escaped
                } else if isCPE, other.hasSuffix(".version") {
                    // "Not applicable": what Recog says of a version that the banner does not tell.
                    text += "-"
                } else {
                    missing = "\(name) needs \(other), which matched nothing"
                    return nil
                }
            }
        }
        guard text.utf8.count <= RecogLimits.maximumValueBytes else {
            missing = "\(name) would have more than \(RecogLimits.maximumValueBytes) bytes"
            return nil
        }
        return text
    }
}
