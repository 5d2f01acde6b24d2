import Fingerprinting
import KnowledgeBuilder
import NetworkTypes
import Testing

@Suite("The register of USB")
struct USBRegisterTests {
    static let register = """
        # a comment
        0bda  Realtek Semiconductor Corp.
        \t8153  RTL8153 Gigabit Ethernet Adapter
        046d  Logitech, Inc.
        \t0825  Webcam C270
        \t\t00  an interface, which is no product
        \t0825  another name for the same: the first holds
        \tc31c  Keyboard K120
        1234  A Very Small Firm Ltd.
        bad line
        \t0001  belongs to no vendor
        C 03  Human Interface Device
        \t01  Boot Interface Subclass
        """
    static let vendors = """
        vendors:
          - { name: Logitech, register: ["logitech*"] }
        modules:
          - { name: Realtek, register: ["realtek*"] }
        """
    static let rules = """
        - rule: product
          when: { usb.product: { glob: "*c*" } }
          says: { model: "$0" }
          weight: 0.75
          source: https://www.usb.org/
          examples: [{ value: "C270", model: "C270" }]
          counterexamples: ["x"]
        """

    static func knowledge() throws -> KnowledgeBase {
        let built = try KnowledgeBuilder.build(
            texts: [("vendors.yaml", vendors), ("rules.yaml", rules)],
            usbIDs: register
        )
        return try KnowledgeBase(opening: ArrayByteStore(built))
    }

    static func identity(_ signals: [Signal]) throws -> Identity {
        let knowledge = try knowledge()
        return Identity(weighing: signals.flatMap { knowledge.lookup($0) })
    }

    @Test("Vendor and product by their numbers, a maker of modules too")
    func lookup() throws {
        let camera = try Self.identity([Signal(.usbID, "046d:0825")])
        #expect(camera.vendor == "Logitech" && camera.vendorConfidence == 700)
        #expect(camera.model == "Webcam C270" && camera.modelConfidence == 700)
        let adapter = try Self.identity([Signal(.usbID, "0BDA:8153")])
        #expect(adapter.vendor == "Realtek" && adapter.model == "RTL8153 Gigabit Ethernet Adapter")
        let firm = try Self.identity([Signal(.usbID, "1234:0001")])
        #expect(firm.vendor == "A Very Small Firm" && firm.vendorConfidence == 550 && firm.model == nil)
    }

    @Test(
        "What is not in the register says nothing",
        arguments: ["046d:9999", "9999:0825", "0003:0001", "046d", "", "46d:825", "046d:0825:1", "xyzw:0825"]
    )
    func unknown(_ text: String) throws {
        let identity = try Self.identity([Signal(.usbID, ByteString(utf8: text))])
        #expect(identity.model == nil)
        #expect(identity.vendor == (text == "046d:9999" ? "Logitech" : nil))
    }

    @Test("The name that a product has of itself goes before the register's, and is not contradicted by it")
    func ownName() throws {
        let identity = try Self.identity([Signal(.usbID, "046d:0825"), Signal(.usbProduct, "C270 HD WEBCAM")])
        #expect(identity.model == "C270 HD WEBCAM" && identity.modelConfidence == 750)
        #expect(identity.contradictions.isEmpty)
    }
}
