import CollectorCore
import NetworkTypes
import Testing
import WireProtocol

/// Tokens, names, roles, texts: what decides who is who.
@Suite struct AccessTests {
    private static func token(_ change: (inout TokenRecord) -> Void = { _ in }) -> TokenRecord {
        var token = TokenRecord(
            tenant: "t",
            id: "0123456789abcdef",
            secretHash: [1, 2],
            gatewayName: "",
            site: "s",
            actor: "a",
            createdMilliseconds: 100,
            expiresMilliseconds: 200
        )
        change(&token)
        return token
    }

    @Test func aTokenIsTakenOnceInItsTime() {
        let good = TokenCredential(id: "0123456789abcdef", secretHash: [1, 2])
        let wrong = TokenCredential(id: "0123456789abcdef", secretHash: [1, 3])
        func refusal(_ credential: TokenCredential, _ token: TokenRecord?, _ now: UInt64 = 150) -> TokenRefusal? {
            TokenRules.refusal(of: credential, for: token, nowMilliseconds: now)
        }
        #expect(refusal(good, Self.token()) == nil)
        #expect(refusal(good, Self.token(), 199) == nil)
        #expect(refusal(good, Self.token(), 200) == .expired)
        #expect(refusal(good, nil) == .unknown)
        #expect(refusal(good, Self.token { $0.redeemedMilliseconds = 1 }) == .used)
        #expect(refusal(good, Self.token { $0.revokedMilliseconds = 1 }) == .revoked)
        // Who does not have the secret learns nothing of the token.
        for token in [
            Self.token(), Self.token { $0.redeemedMilliseconds = 1 }, Self.token { $0.revokedMilliseconds = 1 },
        ] { #expect(refusal(wrong, token, 999) == .wrongSecret) }
        for word in TokenRefusal.allCases { #expect(!word.words.isEmpty) }
    }

    @Test func aTokensTextIsReadStrictly() {
        let secret = String(repeating: "aZ9-_bcd", count: 5)
        let whole = TokenCredential.split("0123456789abcdef." + secret)
        #expect(whole?.id == "0123456789abcdef" && whole?.secret == Array(secret.utf8))
        for text in [
            "", ".", "0123456789abcdef", "0123456789abcdef." + secret.prefix(31), "0123456789abcde." + secret,
            "0123456789abcdeF." + secret, "0123456789abcdef." + secret + "=", "0123456789abcdef." + secret + "\n",
            "0123456789abcdef." + String(repeating: "a", count: 200), " 0123456789abcdef." + secret,
            "0123456789abcdef." + secret + ".x",
        ] { #expect(TokenCredential.split(text) == nil, "\(text)") }
    }

    @Test func secretsAreComparedWhole() {
        #expect(ConstantTime.areEqual([], []) && ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.areEqual([1, 2, 3], [1, 2, 4]) && !ConstantTime.areEqual([1], [1, 1]))
        #expect(!ConstantTime.areEqual([0x80], [0]) && !ConstantTime.areEqual([], [0]))
    }

    private static let names: [(uris: [String], gateway: String?)] = [
        (["spiffe://d/gateway/gate-1"], "gate-1"), (["spiffe://d/gateway/a"], "a"), ([], nil),
        (["spiffe://d/gateway/a", "spiffe://d/gateway/a"], nil), (["spiffe://e/gateway/a"], nil),
        (["spiffe://d/gateway/"], nil), (["spiffe://d/gateway/a/b"], nil), (["spiffe://d/gateway/-a"], nil),
        (["spiffe://d/gateway/a-"], nil), (["spiffe://d/gateway/A"], nil), (["SPIFFE://d/gateway/a"], nil),
        (["spiffe://d/gateway/a?x"], nil), (["spiffe://d/gateway/e\u{301}"], nil),
        (["spiffe://d/gateway/" + String(repeating: "a", count: 65)], nil),
    ]

    @Test(arguments: names.indices)
    func aCertificateNamesOneGateway(_ index: Int) {
        let (uris, expected) = Self.names[index]
        #expect(GatewayName.gateway(inURIs: uris, trustDomain: "d") == expected)
        if let expected { #expect(GatewayName.uri(gateway: expected, trustDomain: "d") == uris.first) }
    }

    @Test func rolesCoverWhatTheyShould() {
        let covered: [UserRole: Set<UserRole>] = [
            .viewer: [.viewer], .operator: [.viewer, .operator], .signer: [.viewer, .signer],
            .admin: [.viewer, .operator, .signer, .admin],
        ]
        for role in UserRole.allCases {
            #expect(Set(UserRole.allCases.filter(role.allows)) == covered[role], "\(role)")
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a\u{1B}[31mb", "a\u{FFFD}[31mb"), ("two\nlines", "two\u{FFFD}lines"),
        ("\u{7F}\u{9B}", "\u{FFFD}\u{FFFD}"),
        ("\u{202E}gpj.exe", "\u{FFFD}gpj.exe"), ("\u{2066}x\u{2069}", "\u{FFFD}x\u{FFFD}"),
        ("K\u{FC}che \u{1F4F7}", "K\u{FC}che \u{1F4F7}"),
        ("\u{2028}", "\u{FFFD}"),
    ])
    func textsOfGatewaysSteerNothing(_ text: String, _ expected: String) {
        #expect(ReportText.clean(ByteString(utf8: text)) == expected)
    }

    @Test func textsOfGatewaysAreCutAndMadeUTF8() {
        #expect(ReportText.clean(ByteString([0x41, 0xFF, 0x42])) == "A\u{FFFD}B")
        let long = ByteString([UInt8](repeating: 0x41, count: 5000))
        #expect(ReportText.clean(long).utf8.count == IngestLimits.maximumTextLength)
        // Cut within a character.
        let cut = ByteString([UInt8](repeating: 0x41, count: 1023) + [0xC3, 0xBC])
        #expect(ReportText.clean(cut).hasSuffix("A\u{FFFD}"))
        #expect(ReportText.hexadecimal(ByteString([UInt8](repeating: 0xAB, count: 100))).count == 128)
    }

    @Test func aPolicyIsMeantForItsTargets() {
        func policy(_ gateways: [String], _ sites: [String]) -> PolicyRecord {
            PolicyRecord(
                tenant: "t",
                hash: "h",
                generation: 1,
                issuedAtSeconds: 1,
                notAfterSeconds: 2,
                keyIdentifier: "",
                targetGateways: gateways,
                targetSites: sites,
                envelope: [],
                actor: "",
                storedMilliseconds: 0
            )
        }
        #expect(policy([], []).isMeant(for: "g", site: ""))
        #expect(policy(["g"], []).isMeant(for: "g", site: "x") && !policy(["g"], []).isMeant(for: "h", site: "x"))
        #expect(
            policy([], ["ware*"]).isMeant(for: "g", site: "warehouse") && policy([], ["*"]).isMeant(for: "g", site: "")
        )
        #expect(
            !policy([], ["ware*"]).isMeant(for: "g", site: "war") && !policy([], ["w"]).isMeant(for: "g", site: "W")
        )
        #expect(!policy(["g"], ["s"]).isMeant(for: "g", site: "x") && policy(["g"], ["s"]).isMeant(for: "g", site: "s"))
    }

    /// Marks as (boot epoch, sequence), and what is wrong with a batch of them.
    private static let batches: [(marks: [(UInt64, UInt64)], fault: IngestFault?)] = [
        ([(1, 1), (1, 2)], nil), ([(1, 5), (2, 1)], nil), ([], nil), ([(0, 1)], nil), ([(1, 0)], .notAscending),
        ([(1, 2), (1, 2)], .notAscending), ([(2, 1), (1, 9)], .notAscending), ([(4, 1)], .fromTheFuture),
        ([(1, 9_223_372_036_854_775_807)], nil), ([(1, 9_223_372_036_854_775_808)], .tooGreat),
    ]

    @Test(arguments: batches.indices)
    func aBatchIsInOrder(_ index: Int) {
        let (marks, expected) = Self.batches[index]
        let reports = marks.map {
            Report(bootEpoch: $0.0, sequence: $0.1, severity: .notice, timeMilliseconds: 0, body: .gap(GapReport()))
        }
        #expect(IngestFault.of(reports, bootEpoch: 3) == expected)
    }

    @Test func aBatchHasAnEnd() {
        let many = (1...257).map {
            Report(bootEpoch: 1, sequence: $0, severity: .notice, timeMilliseconds: 0, body: .gap(GapReport()))
        }
        #expect(IngestFault.of(many, bootEpoch: 3) == .tooMany)
    }

    @Test func auditLinesOfDifferentEntriesDiffer() {
        func message(_ actor: String, _ action: String, sequence: UInt64 = 1) -> [UInt8] {
            AuditRecord.message(
                sequence: sequence,
                entry: AuditEntry(timeMilliseconds: 5, actor: actor, action: action),
                previousHash: [0]
            )
        }
        #expect(message("ab", "c") != message("a", "bc"))
        #expect(message("a", "b") != message("a", "b", sequence: 2))
        #expect(message("a", "b") == message("a", "b"))
    }
}
