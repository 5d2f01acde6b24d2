internal import CollectorAPI
internal import CollectorCore
internal import HTTPTypes
internal import Hummingbird
internal import Storage

extension Problem {
    /// `application/problem+json`
    func response(for request: Request) throws -> Response {
        var copy = self
        copy.instance = copy.instance ?? request.uri.path
        var response = try JSONBody.response(copy, status: HTTPResponse.Status(code: status))
        response.headers[.contentType] = Problem.mediaType
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer realm=\"gatehouse\"" }
        return response
    }
}

extension Problem {
    static func unauthenticated() -> Problem {
        Problem(
            "unauthenticated",
            title: "Nobody is logged in",
            status: 401,
            detail: "the request carries no token, or one that has ended or was revoked",
            remedy: "log in: gatehousectl login, or POST /api/v1/login and send Authorization: Bearer TOKEN"
        )
    }

    static func forbidden(role: String, needed: String) -> Problem {
        Problem(
            "forbidden",
            title: "The role does not allow this",
            status: 403,
            detail: "this needs the role \(needed), you have \(role)",
            remedy: "ask an administrator for the role \(needed)"
        )
    }

    static func notFound(_ what: String) -> Problem {
        Problem(
            "not-found",
            title: "There is no such thing",
            status: 404,
            detail: "\(what) does not exist",
            remedy: "list what there is, and check the spelling"
        )
    }

    static func badRequest(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("bad-request", title: "The request is wrong", status: 400, detail: detail, remedy: remedy)
    }

    static func conflict(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("conflict", title: "It contradicts what is there", status: 409, detail: detail, remedy: remedy)
    }

    /// A failure of the store, in words.
    init(_ error: StoreError) {
        switch error {
        case .notFound(let what): self = .notFound(what)
        case .conflict(let why), .abandoned(let why): self = .conflict(why)
        case .tokenRefused:
            self = Problem("token-refused", title: "The enrolment token was not taken", status: 403, detail: "\(error)")
        case .busy, .closed:
            self = Problem(
                "busy",
                title: "The collector cannot take this now",
                status: 503,
                detail: "\(error)",
                remedy: "try again in a few seconds"
            )
        case .failed, .damaged, .notAllowed:
            self = Problem(
                "storage",
                title: "The database failed",
                status: 500,
                detail: "the database failed; nothing was changed",
                remedy: "see the collector's log; check the disk's free space"
            )
        }
    }
}
