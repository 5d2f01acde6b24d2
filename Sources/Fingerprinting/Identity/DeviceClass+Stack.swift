public import NetworkTypes

extension DeviceClass {
    /// Classes whose members are built alike: that a camera answers as a recorder too is no wonder, that it answers as a
    /// printer is one. Nil for what is many things at once by its nature (see `hasOneStack`), and for unknown.
    enum Kin {
        case video, media, printing, telephony, control
    }

    var kin: Kin? {
        switch self {
        case .ipCamera, .videoRecorder, .doorbell: return .video
        case .speaker, .mediaPlayer, .tv, .gameConsole: return .media
        case .printer: return .printing
        case .voipPhone: return .telephony
        case .sensor, .thermostat, .lighting, .smartPlug, .lock, .energyMeter, .vehicleCharger, .appliance, .plc,
            .buildingController:
            return .control
        case .unknown, .phone, .tablet, .laptop, .desktop, .server, .nas, .hub, .wearable, .pointOfSale, .medical,
            .router, .accessPoint, .switch, .inputDevice, .securityKey, .storage, .modem, .microphone, .networkAdapter:
            return nil
        }
    }

    /// Whether a device of this class has one firmware and one network stack for life, so that another one under its
    /// hardware address is another device.
    ///
    /// Computers, telephones and what is built of computers (a home hub, a NAS, a till, a player) run virtual machines and
    /// containers, boot two systems, lend their connection to others; routers and access points pass on what others say.
    /// Under the address of those any stack may show, and nothing is made of it.
    public var hasOneStack: Bool { kin != nil && self != .mediaPlayer && self != .gameConsole }

    /// Whether Windows or an operating system of Apple's may be below it all the same.
    var mayRunDesktopSystem: Bool {
        self == .videoRecorder || self == .plc || self == .buildingController || self == .speaker
    }
}

extension DeviceClass {
    /// Below this weight, a statement about another class is doubt, not contradiction.
    public static let contradictingWeight: ConfidencePerMille = 600

    /// Whether a statement that comes later shows another device under the hardware address of one whose class was settled
    /// to be this: its devices have one stack, and the statement is of a stack that this cannot be.
    ///
    /// A name somebody gave it, whom it contacts, and the maker of its address prove no stack.
    ///
    /// - Parameter isSettledOnDesktop: whether it was known to have a desktop's system.
    public func isContradicted(by later: Evidence, isSettledOnDesktop: Bool) -> Bool {
        guard hasOneStack, later.weight >= DeviceClass.contradictingWeight else { return false }
        switch SignalFamily(later.signal.kind) {
        case .hostname, .contacts, .hardwareAddress: return false
        default: break
        }
        if let other = later.deviceClass, other != .unknown, other.kin != kin { return true }
        return !mayRunDesktopSystem && !isSettledOnDesktop && Identity.isDesktop(later.operatingSystem)
    }
}

extension Identity {
    /// From this confidence on, a class is settled enough to be contradicted.
    public static let settledConfidence: ConfidencePerMille = 700

    /// Whether its operating system is one that only computers and telephones have.
    public var hasDesktopSystem: Bool { Identity.isDesktop(operatingSystem) }

    static func isDesktop(_ system: ByteString?) -> Bool {
        guard let system else { return false }
        return system.hasPrefix("Windows") || system.hasPrefix("macOS") || system.hasPrefix("iOS")
            || system.hasPrefix("iPadOS") || system.hasPrefix("ChromeOS")
    }
}
