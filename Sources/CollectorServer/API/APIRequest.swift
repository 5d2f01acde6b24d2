internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import TLS

import struct Foundation.Data

/// A request to the API, with what its handler needs.
struct APIRequest: Sendable {
    /// Rows of a page where nobody says how many.
    static let standardPageSize = 100
    /// Most rows of a page.
    static let maximumPageSize = 500
    /// Most bytes of a parameter.
    static let maximumParameterBytes = 512

    let request: Request
    let context: APIContext
    let services: APIServices

    /// Who asks; throws where nobody is logged in.
    var caller: Caller {
        get throws {
            guard let caller = context.caller else { throw Problem.unauthenticated() }
            return caller
        }
    }

    var now: UInt64 { services.clock.nowMilliseconds }

    /// A part of the path, percent-decoded.
    func parameter(_ name: String) throws -> String {
        guard let raw = context.parameters.get(name), raw.utf8.count <= APIRequest.maximumParameterBytes,
            let text = raw.removingPercentEncoding, !text.isEmpty
        else { throw Problem.badRequest("\(name) in the path is empty, too long or not UTF-8") }
        return text
    }

    /// A query parameter; nil where it is not there or empty.
    func query(_ name: String) throws -> String? {
        guard let value = request.uri.queryParameters[Substring(name)], !value.isEmpty else { return nil }
        guard value.utf8.count <= APIRequest.maximumParameterBytes else {
            throw Problem.badRequest("the parameter \(name) is too long")
        }
        return String(value)
    }

    /// All values of a query parameter.
    func queries(_ name: String) -> [String] {
        request.uri.queryParameters[values: Substring(name)].map(String.init).filter { !$0.isEmpty }
    }

    /// A query parameter that is one of some words.
    func query<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        as type: Word.Type
    ) throws -> Word? where Word.RawValue == String {
        guard let text = try query(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.badRequest("\(name) is \(text)", remedy: "use one of \(words)")
        }
        return word
    }

    /// The query parameter `limit`, 1 to `maximumPageSize`.
    func limit() throws -> Int {
        guard let text = try query("limit") else { return APIRequest.standardPageSize }
        guard let limit = Int(text), limit >= 1, limit <= APIRequest.maximumPageSize else {
            throw Problem.badRequest("limit is \(text)", remedy: "use 1 to \(APIRequest.maximumPageSize)")
        }
        return limit
    }

    /// A browser sends its cookie whoever asks it to, so a change needs a word that only our own pages know.
    func checkFormToken(of caller: Caller, given: String? = nil) throws {
        guard case .cookie(_, let formToken) = caller.proof, request.method != .get, request.method != .head else {
            return
        }
        let token = given ?? HTTPField.Name("X-Form-Token").flatMap { request.headers[$0] } ?? ""
        guard Cryptography.constantTimeEqual(Array(token.utf8), Array(formToken.utf8)) else {
            throw Problem(
                "form-token",
                title: "The form is not ours",
                status: 403,
                detail: "the request has a cookie, but not the form token of its session",
                remedy: "load the page again; programs send Authorization: Bearer and no cookie"
            )
        }
    }
}
