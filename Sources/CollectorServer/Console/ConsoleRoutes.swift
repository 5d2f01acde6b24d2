internal import Hummingbird

/// The console's pages.
enum ConsoleRoutes {
    static func add(to router: Router<APIContext>, _ services: APIServices) {}
}
