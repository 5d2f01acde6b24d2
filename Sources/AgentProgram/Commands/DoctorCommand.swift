import Fingerprinting
import NetworkTypes

/// `doctor`: what is wanting on this gateway, and what to do; exit code 0 where nothing is, 2 where something is.
enum DoctorCommand {
    static func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
        try arguments.allow(["--config", "--output"])
        let format = arguments.value("--output") ?? "table"
        guard format == "table" || format == "json" else { throw Failure(.usage, "-o takes table or json") }
        var doctor = Doctor(try Program.configuration(arguments))
        doctor.examine()
        Output.raw(format == "json" ? json(doctor) : table(doctor))
        return doctor.isWell ? .done : .no
    }

    private static func table(_ doctor: Doctor) -> ByteString {
        var text = ByteString()
        let width = doctor.findings.reduce(0) { Swift.max($0, $1.check.count) }
        func pad(_ part: ByteString, _ width: Int) {
            text.append(part)
            for _ in part.count..<Swift.max(width, part.count) { text.append(byte: 0x20) }
        }
        for finding in doctor.findings {
            pad(finding.status.name, 11)
            pad(finding.check, width + 2)
            text.append(finding.detail)
            text.append(byte: 0x0A)
        }
        return text
    }

    private static func json(_ doctor: Doctor) -> ByteString {
        var json = JSONText()
        json.open(0x7B)
        json.member("result", doctor.isWell ? "well" : "wanting")
        json.name("checks")
        json.open(0x5B)
        for finding in doctor.findings {
            json.open(0x7B)
            json.member("check", finding.check)
            json.member("status", finding.status.name)
            json.member("detail", finding.detail)
            json.close(0x7D)
        }
        json.close(0x5D)
        json.close(0x7D)
        var text = json.text
        text.append(byte: 0x0A)
        return text
    }
}
