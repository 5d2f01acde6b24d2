/// What the page where people sign in shows.
struct SignInPage: Sendable {
    let heading: String
    let fault: String?
    let hint: String?
    let next: String
    let user: String?
    let mustChange: Bool
    let formToken: String

    init(next: String, formToken: String, user: String? = nil, fault: String? = nil, mustChange: Bool = false) {
        heading = mustChange ? "Choose a new password" : "Sign in"
        self.fault = fault
        hint =
            mustChange && fault == nil
            ? "You signed in with a one-time password. Enter it again, and choose your own." : nil
        self.next = next
        self.formToken = formToken
        self.user = user
        self.mustChange = mustChange
    }
}

/// What the page of an error shows.
struct ProblemPage: Sendable {
    let title: String
    let version: String
    let chrome: ChromeView?
    let heading: String
    let detail: String
    let remedy: String?
}
