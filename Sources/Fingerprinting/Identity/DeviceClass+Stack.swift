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

extension Identity {
    /// From this confidence on, a class is settled enough to be contradicted.
    public static let settledConfidence: ConfidencePerMille = 700
    /// Below this, a statement about another class is doubt, not contradiction.
    public static let contradictingWeight: ConfidencePerMille = 600

    /// Whether its class is sure enough to be contradicted.
    public var isSettled: Bool { classConfidence >= Identity.settledConfidence }

    /// Whether a statement that comes later shows another device under the same hardware address: the class is settled,
    /// its devices have one stack, and the statement is of a stack that this cannot be.
    ///
    /// A name somebody gave it, whom it contacts, and the maker of its address prove no stack.
    public func isContradicted(by later: Evidence) -> Bool {
        guard isSettled, deviceClass.hasOneStack,
            later.weight >= Identity.contradictingWeight
        else { return false }
        switch SignalFamily(later.signal.kind) {
        case .hostname, .contacts, .hardwareAddress: return false
        default: break
        }
        if let other = later.deviceClass, other != .unknown, other.kin != deviceClass.kin { return true }
        guard let system = later.operatingSystem, !deviceClass.mayRunDesktopSystem else { return false }
        let desktop: [ByteString] = ["Windows", "macOS", "iOS", "iPadOS", "ChromeOS"]
        return desktop.contains { system.hasPrefix($0) }
            && operatingSystem.map { own in desktop.contains { own.hasPrefix($0) } } != true
    }
}
