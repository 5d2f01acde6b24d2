import NetworkTypes
import PacketParsing
import TestSupport
import Testing

@Suite("TLS server certificates")
struct TLSServerCertificateTests {
    /// X.690 §8.1 with lengths of one to three bytes.
    static func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case 0..<0x80: return [tag, UInt8(content.count)] + content
        case 0..<0x100: return [tag, 0x81, UInt8(content.count)] + content
        default: return [tag, 0x82] + FrameBuilder.word(content.count) + content
        }
    }

    static func name(_ parts: [(UInt8, String)]) -> [UInt8] {
        var sets: [UInt8] = []
        for (attribute, text) in parts {
            sets += der(0x31, der(0x30, der(0x06, [0x55, 4, attribute]) + der(0x0C, Array(text.utf8))))
        }
        return der(0x30, sets)
    }

    /// RFC 5280 §4.1, as far as the subject; `rest` stands for key, extensions and signature.
    static func certificate(hasVersion: Bool = true, rest: Int = 300) -> [UInt8] {
        var body = hasVersion ? der(0xA0, der(0x02, [2])) : []
        body += der(0x02, [1, 2, 3]) + der(0x30, der(0x06, [0x2A, 0x86, 0x48]))
        body += name([(6, "US"), (10, "Maker CA"), (3, "Root")])
        body += der(0x30, Array(repeating: 0x20, count: 30))
        body += name([(3, "cam-1"), (10, "Maker"), (11, "Cameras"), (11, "R&D")])
        return der(0x30, der(0x30, body + [UInt8](repeating: 0x5A, count: rest)))
    }

    static func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 0] + FrameBuilder.word(body.count) + body }
    static func record(_ content: [UInt8], type: UInt8 = 22) -> [UInt8] {
        [type, 3, 3] + FrameBuilder.word(content.count) + content
    }

    static let hello = message(2, [3, 3] + [UInt8](repeating: 7, count: 36))
    static func handshake(_ certificate: [UInt8]) -> [UInt8] {
        let one = [0] + FrameBuilder.word(certificate.count) + certificate
        return message(11, [0] + FrameBuilder.word(one.count) + one)
    }

    static func names(_ bytes: [UInt8]) throws(DecodeError) -> [String] {
        try decode(bytes) { reader throws(DecodeError) in try TLSServerCertificate(parsingRecords: &reader) }.names.map
        {
            "\($0.attribute) \($0.value)"
        }
    }

    static let expected = [
        "issuerOrganization Maker CA", "subjectName cam-1", "subjectOrganization Maker", "subjectUnit Cameras",
        "subjectUnit R&D",
    ]

    @Test("in one record, in two, in pieces; with a version and without")
    func shapes() throws {
        for certificate in [
            TLSServerCertificateTests.certificate(), TLSServerCertificateTests.certificate(hasVersion: false),
        ] {
            let handshake = TLSServerCertificateTests.handshake(certificate)
            let whole = TLSServerCertificateTests.hello + handshake
            #expect(
                try TLSServerCertificateTests.names(TLSServerCertificateTests.record(whole))
                    == TLSServerCertificateTests.expected
            )
            let two =
                TLSServerCertificateTests.record(TLSServerCertificateTests.hello)
                + TLSServerCertificateTests.record(handshake)
            #expect(try TLSServerCertificateTests.names(two) == TLSServerCertificateTests.expected)
            let cut =
                TLSServerCertificateTests.record(Array(whole.prefix(100)))
                + TLSServerCertificateTests.record(Array(whole.dropFirst(100)))
            #expect(try TLSServerCertificateTests.names(cut) == TLSServerCertificateTests.expected)
        }
    }

    /// The first 400 bytes that OpenSSL 3.0 sends as a server of TLS 1.2 with a certificate of
    /// `openssl req -x509 -newkey ec -subj "/C=SE/O=Example Cameras AB/OU=Door/CN=cam-0102"`.
    static let openSSL = bytes(
        """
            16030300410200003d03033f8d480335121a94c0406a0b21d245240343866ba5810e4fefab35f38b9911f800c02c000015ff
            01000100000b000403000102002300000017000016030301fb0b0001f70001f40001f1308201ed30820193a0030201020214
            4b12198ef965c55de76eaaf9cbc8b2b89d20c121300a06082a8648ce3d040302304c310b3009060355040613025345311b30
            19060355040a0c124578616d706c652043616d65726173204142310d300b060355040b0c04446f6f723111300f0603550403
            0c0863616d2d30313032301e170d3236313132363135343735325a170d3336313132333135343735325a304c310b30090603
            55040613025345311b3019060355040a0c124578616d706c652043616d65726173204142310d300b060355040b0c04446f6f
            723111300f06035504030c0863616d2d303130323059301306072a8648ce3d020106082a8648ce3d03010703420004eb75c5
            773691f77b982a35857d967cb4e1c550095b78956c2977671274d02c12b7eba641f7dbd17b07677b93c09fd263d20a1f3ebe
        """
    )

    @Test("what OpenSSL sends, cut behind the subject")
    func openSSL() throws {
        let expected = [
            "issuerOrganization Example Cameras AB", "subjectOrganization Example Cameras AB", "subjectUnit Door",
            "subjectName cam-0102",
        ]
        #expect(try TLSServerCertificateTests.names(TLSServerCertificateTests.openSSL) == expected)
    }

    @Test("every prefix asks for more until the subject is whole")
    func prefixes() throws {
        let whole = TLSServerCertificateTests.record(
            TLSServerCertificateTests.hello
                + TLSServerCertificateTests.handshake(TLSServerCertificateTests.certificate())
        )
        for length in 1..<whole.count {
            do throws(DecodeError) {
                let found = try TLSServerCertificateTests.names(Array(whole.prefix(length)))
                #expect(found == TLSServerCertificateTests.expected)
                #expect(length >= whole.count - 300, "the subject is not there yet")
            } catch {
                #expect(error.reason == .truncated && length < whole.count - 300, "\(length): \(error)")
            }
        }
    }

    @Test("TLS 1.3 and handshakes without certificate are let go; nonsense is refused")
    func others() {
        let hello = TLSServerCertificateTests.record(TLSServerCertificateTests.hello)
        for next in [
            TLSServerCertificateTests.record([1], type: 20), TLSServerCertificateTests.record([1, 2, 3], type: 23),
            TLSServerCertificateTests.record(TLSServerCertificateTests.message(12, [1])),
        ] {
            #expect { try TLSServerCertificateTests.names(hello + next) } throws: {
                ($0 as? DecodeError)?.reason == .unsupported
            }
        }
        let indefinite = TLSServerCertificateTests.handshake(
            [0x30, 0x80, 0x30, 0x80] + [UInt8](repeating: 0, count: 40)
        )
        #expect { try TLSServerCertificateTests.names(hello + TLSServerCertificateTests.record(indefinite)) } throws: {
            ($0 as? DecodeError)?.reason == .malformed
        }
    }

    @Test("names are bounded; damage decodes or throws")
    func bounds() throws {
        let many = TLSServerCertificateTests.name(Array(repeating: (11, "x"), count: 40))
        var body = TLSServerCertificateTests.der(0x02, [1]) + TLSServerCertificateTests.der(0x30, [])
        body += many + TLSServerCertificateTests.der(0x30, []) + many
        let certificate = TLSServerCertificateTests.der(0x30, TLSServerCertificateTests.der(0x30, body))
        let bytes = TLSServerCertificateTests.record(TLSServerCertificateTests.handshake(certificate))
        #expect(try TLSServerCertificateTests.names(bytes).count == TLSServerCertificate.maximumNames)
        let whole = TLSServerCertificateTests.record(
            TLSServerCertificateTests.hello
                + TLSServerCertificateTests.handshake(TLSServerCertificateTests.certificate(rest: 4))
        )
        survivesDamage(whole) { reader throws(DecodeError) in try TLSServerCertificate(parsingRecords: &reader) }
    }
}
