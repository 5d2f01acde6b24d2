import Fingerprinting
import Foundation
import NetworkTypes
import Testing

@Suite("The JSON line of a device")
struct IdentityJSONTests {
    @Test("A known device")
    func golden() throws {
        let evidence = Evidence(
            signal: Signal(.mdnsService, "_axis-video._tcp"),
            deviceClass: .ipCamera,
            vendor: "Axis",
            weight: 900
        )
        var identity = Identity()
        identity.deviceClass = .ipCamera
        identity.vendor = "Axis"
        identity.model = "M3045-V"
        identity.hostname = "axis-accc8e010203"
        identity.classConfidence = 980
        identity.vendorConfidence = 999
        identity.modelConfidence = 900
        identity.evidence = [evidence]
        let key = try #require(DeviceKey("mac:ac:cc:8e:01:02:03"))
        let address = try #require(IPAddress(ByteString("192.0.2.7")))
        #expect(
            identity.jsonLine(key: key, addresses: [address]).text
                == #"{"key":"mac:ac:cc:8e:01:02:03","addresses":["192.0.2.7"],"class":"ip-camera","vendor":"Axis","#
                + #""model":"M3045-V","firmware":null,"os":null,"hostname":"axis-accc8e010203","#
                + #""confidence":{"class":0.98,"vendor":0.999,"model":0.9},"evidence":[{"signal":"mdns.service","#
                + #""value":"_axis-video._tcp","says":{"class":"ip-camera","vendor":"Axis"},"weight":0.9}],"#
                + #""contradictions":[]}"#
        )
    }

    @Test("A device of which nothing is known")
    func unknown() throws {
        let key = try #require(DeviceKey("usb:046d:0825:@1-1"))
        #expect(
            Identity().jsonLine(key: key, addresses: []).text
                == #"{"key":"usb:046d:0825:@1-1","addresses":[],"class":"unknown","vendor":null,"model":null,"#
                + #""firmware":null,"os":null,"hostname":null,"confidence":{"class":0,"vendor":0,"model":0},"#
                + #""evidence":[],"contradictions":[]}"#
        )
    }

    @Test(
        "Names are whatever bytes a device sends; the line stays JSON on one line",
        arguments: [
            ([0x22, 0x5C, 0x2F], "\"\\/"), ([0x00, 0x0A, 0x1B, 0x7F], "\0\n\u{1B}\u{7F}"), ([0xC3, 0xA9], "é"),
            ([0xF0, 0x9F, 0x93, 0xB7], "📷"), ([0xFF, 0x41], "\u{FFFD}A"), ([0xC3], "\u{FFFD}"),
            // Overlong, surrogate, beyond U+10FFFF: none is UTF-8.
            ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"), ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"),
            ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] as [([UInt8], String)]
    )
    func escaping(bytes: [UInt8], text: String) throws {
        var identity = Identity()
        identity.hostname = ByteString(bytes)
        let line = identity.jsonLine(key: DeviceKey(MACAddress(rawValue: 1)), addresses: [])
        #expect(!line.bytes.contains { $0 < 0x20 })
        let object = try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any]
        #expect(object?["hostname"] as? String == text)
    }
}
