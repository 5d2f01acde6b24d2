import Captures
import Fingerprinting
import Foundation
import NetworkTypes
import TestSupport
import Testing

@Suite(
    "Labelled captures",
    .longComputation,
    .enabled(if: CaptureData.isPresent && Rules.hasRegisters, "needs GATEHOUSE_DATA with captures, and ieee-data")
)
struct LabelledCapturesTests {
    /// `make score` prints every line of it, and has the bounds that are wanted of a release.
    @Test("Few devices are called something they are not")
    func labels() throws {
        let score = try CaptureScore(knowledge: Rules.knowledge())
        print("class: \(score.classes)\nvendor: \(score.vendors)\nmodel: \(score.models)")
        for row in score.rows { #expect(row.model != .wrong, "\(row.label.capture): model \(row.identity)") }
        #expect(score.classes.precision >= 0.9, "class: \(score.classes)")
        #expect(score.vendors.precision >= 0.9, "vendor: \(score.vendors)")
        #expect(score.classes.right > 0 && score.vendors.right > 0 && score.models.right > 0)
    }

    @Test("A judge that finds nothing wrong is none")
    func judge() throws {
        let json = """
            { "capture": "captures/x.pcap", "macs": [], "addresses": [], "classes": ["plc"],
              "vendor": "ednet (ASSMANN)", "modelTokens": ["140 CPU"] }
            """
        var label = try JSONDecoder().decode(CaptureLabel.self, from: Data(json.utf8))
        #expect(label.path == "x.pcap")
        #expect(label.judge(class: .plc) == .right && label.judge(class: .tv) == .wrong)
        #expect(label.judge(class: .unknown) == .unsaid)
        #expect(label.judge(vendor: "ednet") == .right && label.judge(vendor: "Assmann Electronic") == .right)
        #expect(label.judge(vendor: "Edimax") == .wrong && label.judge(vendor: nil) == .unsaid)
        #expect(label.judge(model: "140-CPU 311 10") == .right && label.judge(model: "140") == .wrong)
        label.classes = ["sensor", "unknown"]
        #expect(label.judge(class: .unknown) == .rightlyUnsaid && label.judge(class: .tv) == .wrong)
        label.modelTokens = []
        #expect(label.judge(model: nil) == .rightlyUnsaid)
        #expect(label.judge(model: "X1") == .wrong, "a device that does not say its model has none")
        label.classes = nil
        label.vendor = nil
        #expect(label.judge(class: .tv) == .notJudged && label.judge(vendor: "LG") == .notJudged)
    }

    @Test("A device is judged by what the agent would list: nothing is said of an address that nothing is seen of")
    func unseen() throws {
        let json = """
            { "capture": "captures/x.pcap", "macs": ["00:23:eb:10:2c:29"], "addresses": ["192.0.2.1"], "modelTokens": [] }
            """
        let label = try JSONDecoder().decode(CaptureLabel.self, from: Data(json.utf8))
        // A little-endian pcap file header (Ethernet), and no frame.
        let header: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0]
        let empty = try Replay(header)
        #expect(label.devices(in: empty).isEmpty)
        var seen = empty
        let device = try #require(MACAddress("00:23:eb:10:2c:29"))
        seen.sightings.append(Sighting(device: device, address: nil, signals: []))
        #expect(label.devices(in: seen) == [device])
    }

    @Test("Tallies and calibration")
    func arithmetic() {
        var tally = Tally()
        for verdict in [Verdict.right, .right, .right, .wrong, .unsaid] { tally.add(verdict, isTold: true) }
        tally.add(.wrong, isTold: false)
        tally.add(.notJudged, isTold: true)
        #expect(tally.devices == 5 && tally.covered == 4 && tally.precision == 0.6 && tally.coverage == 0.8)
        var calibration = Calibration()
        calibration.add(.right, 900)
        calibration.add(.wrong, 900)
        calibration.add(.unsaid, 900)
        let bin = calibration.bins.first { $0.from == 900 }
        #expect(bin?.said == 2 && bin?.right == 1 && bin?.share == 0.5)
        // (0.1² + 0.9²) / 2
        #expect(abs(calibration.brierScore - 0.41) < 0.000_001)
        #expect(threeDigits(0.0625) == "0.063" && threeDigits(1) == "1.000" && threeDigits(0.005) == "0.005")
    }
}
