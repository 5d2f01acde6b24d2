import Fingerprinting
import Foundation
import NetworkTypes
import TestSupport
import Testing

/// One capture of labels.json: what is right to say of its device.
private struct Label: Decodable {
    var capture: String
    var macs: [String]
    var classes: [String]?
    var vendor: String?
    var modelTokens: [String]

    func isRight(vendor found: String) -> Bool {
        guard let vendor else { return false }
        let words = vendor.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "-") }
        let own = found.lowercased()
        return words.contains { own.hasPrefix($0) || $0.hasPrefix(own) || own.split(separator: " ").contains($0) }
    }

    func isRight(model found: String) -> Bool {
        let own = found.lowercased().filter { $0.isLetter || $0.isNumber }
        return modelTokens.contains { own.contains($0.lowercased().filter { $0.isLetter || $0.isNumber }) }
    }
}

/// Named, right and wrong answers about one attribute.
private struct Score: CustomStringConvertible {
    var devices = 0
    var right = 0
    var wrong = 0

    var precision: Double { right + wrong == 0 ? 1 : Double(right) / Double(right + wrong) }
    var description: String {
        "\(right + wrong) of \(devices) named, \(right) right, precision \((precision * 1000).rounded() / 1000)"
    }
}

@Suite(
    "Labelled captures",
    .enabled(if: CaptureData.isPresent && Rules.hasRegisters, "needs GATEHOUSE_DATA with captures, and ieee-data")
)
struct LabelledCapturesTests {
    @Test("Few devices are called something they are not")
    func labels() throws {
        let data = try Data(contentsOf: CaptureData.root.appendingPathComponent("captures/labels.json"))
        let labels = try JSONDecoder().decode([Label].self, from: data)
        let knowledge = try Rules.knowledge()
        var (classes, vendors, models) = (Score(), Score(), Score())
        for label in labels {
            for mac in label.macs {
                let replay = try Replay(try CaptureData.bytes(String(label.capture.dropFirst("captures/".count))))
                let address = try #require(MACAddress(ByteString(utf8: mac)))
                var tracker = IdentityTracker(device: DeviceKey(address), knowledge: knowledge)
                for sighting in replay.sightings where sighting.device == address {
                    for signal in sighting.signals { tracker.add(signal, knowledge: knowledge) }
                }
                let identity = tracker.identity
                var remarks: [String] = []
                if let right = label.classes {
                    classes.devices += right == ["unknown"] ? 0 : 1
                    if identity.deviceClass != .unknown {
                        let isRight = right.contains(identity.deviceClass.name.text)
                        if isRight { classes.right += 1 } else { classes.wrong += 1 }
                        if !isRight { remarks.append("class") }
                    }
                }
                vendors.devices += label.vendor == nil ? 0 : 1
                if let vendor = identity.vendor {
                    let isRight = label.isRight(vendor: vendor.text)
                    if isRight { vendors.right += 1 } else { vendors.wrong += 1 }
                    if !isRight { remarks.append("vendor") }
                }
                models.devices += label.modelTokens.isEmpty ? 0 : 1
                if let model = identity.model, !label.modelTokens.isEmpty {
                    let isRight = label.isRight(model: model.text)
                    if isRight { models.right += 1 } else { models.wrong += 1 }
                    #expect(isRight, "\(label.capture): model \(model)")
                }
                print(
                    label.capture.dropFirst("captures/".count),
                    "→",
                    identity.deviceClass.name,
                    identity.classConfidence,
                    identity.vendor?.text ?? "-",
                    identity.vendorConfidence,
                    identity.model?.text ?? "-",
                    identity.modelConfidence,
                    remarks.isEmpty ? "" : "WRONG: \(remarks.joined(separator: ", "))"
                )
            }
        }
        print("class: \(classes)\nvendor: \(vendors)\nmodel: \(models)")
        #expect(models.wrong == 0)
        #expect(classes.precision >= 0.9, "class: \(classes)")
        #expect(vendors.precision >= 0.9, "vendor: \(vendors)")
        #expect(classes.right > 0 && vendors.right > 0 && models.right > 0)
    }
}
