internal import CollectorAPI
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Storage

/// Makes a problem document (RFC 9457) of every error, and logs those that are ours.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIContext

    @concurrent
    func handle(
        _ request: Request,
        context: APIContext,
        next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try problem.response(for: request)
        } catch let error as StoreError {
            if case .failed(let why) = error {
                context.logger.error("database failed", metadata: ["path": "\(request.uri.path)", "error": "\(why)"])
            }
            return try Problem(error).response(for: request)
        } catch let error as HTTPError {
            return try ErrorMiddleware.problem(error, path: request.uri.path).response(for: request)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            let problem = Problem(
                "internal",
                title: "The collector failed",
                status: 500,
                detail: "something went wrong that should not",
                remedy: "see the collector's log"
            )
            return try problem.response(for: request)
        }
    }

    private static func problem(_ error: HTTPError, path: String) -> Problem {
        switch error.status {
        case .notFound: return .notFound("the path \(path)")
        case .methodNotAllowed:
            return Problem(
                "method-not-allowed",
                title: "The path does not know that method",
                status: 405,
                detail: "\(path) is there, with other methods",
                remedy: "see /api/v1/openapi.json"
            )
        default:
            return Problem(
                "http",
                title: error.status.reasonPhrase,
                status: Int(error.status.code),
                detail: error.body ?? error.status.reasonPhrase
            )
        }
    }
}
