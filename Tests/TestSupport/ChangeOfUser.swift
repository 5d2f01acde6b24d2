import Foundation

/// Whether programs can be run as another user.
public enum ChangeOfUser {
    /// Root may, but not the root of a user namespace that has no other user: there the kernel denies setgroups(2)
    /// (user_namespaces(7)), which every program calls that gives up being root.
    public static let isPermitted: Bool = {
        let groups = try? String(contentsOfFile: "/proc/self/setgroups", encoding: .utf8)
        return getuid() == 0 && groups?.hasPrefix("allow") == true
    }()
}
