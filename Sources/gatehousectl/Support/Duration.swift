import ArgumentParser

/// `90s`, `10m`, `1h`, `7d`, `500ms`
struct DurationArgument: ExpressibleByArgument, Equatable {
    let milliseconds: UInt64

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits), !digits.isEmpty else { return nil }
        let factors: [String: UInt64] = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let factor = factors[String(argument.dropFirst(digits.count))] else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, product > 0, product <= 3650 * 86_400_000 else { return nil }
        milliseconds = product
    }

    init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    var defaultValueDescription: String { milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms" }
}
