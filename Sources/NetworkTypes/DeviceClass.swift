/// What a device is for. The list is closed: policies match on it, so a new class is a change of the policy format.
public enum DeviceClass: UInt8, CaseIterable, Hashable, Sendable {
    /// Nothing is known: a right answer, and the most restrictive one.
    case unknown = 0
    /// The names are those of policies and of `identify`.
    case ipCamera, videoRecorder, doorbell, sensor, thermostat, lighting, smartPlug, lock, speaker, mediaPlayer, tv
    /// Office and personal devices.
    case printer, phone, tablet, voipPhone, laptop, desktop, server
    /// Network and building equipment.
    case router, accessPoint, `switch`, nas, hub, plc, buildingController, energyMeter, vehicleCharger
    /// Others.
    case appliance, wearable, gameConsole, pointOfSale, medical
    /// What is plugged into the gateway itself: a keyboard, mouse or touchpad; a FIDO authenticator or a reader of smart
    /// cards; a disk or stick; a modem; a microphone; a network adapter.
    case inputDevice, securityKey, storage, modem, microphone, networkAdapter

    /// `ip-camera`
    public var name: ByteString {
        switch self {
        case .unknown: return "unknown"
        case .ipCamera: return "ip-camera"
        case .videoRecorder: return "video-recorder"
        case .doorbell: return "doorbell"
        case .sensor: return "sensor"
        case .thermostat: return "thermostat"
        case .lighting: return "lighting"
        case .smartPlug: return "smart-plug"
        case .lock: return "lock"
        case .speaker: return "speaker"
        case .mediaPlayer: return "media-player"
        case .tv: return "tv"
        case .printer: return "printer"
        case .phone: return "phone"
        case .tablet: return "tablet"
        case .voipPhone: return "voip-phone"
        case .laptop: return "laptop"
        case .desktop: return "desktop"
        case .server: return "server"
        case .router: return "router"
        case .accessPoint: return "access-point"
        case .switch: return "switch"
        case .nas: return "nas"
        case .hub: return "hub"
        case .plc: return "plc"
        case .buildingController: return "building-controller"
        case .energyMeter: return "energy-meter"
        case .vehicleCharger: return "vehicle-charger"
        case .appliance: return "appliance"
        case .wearable: return "wearable"
        case .gameConsole: return "game-console"
        case .pointOfSale: return "point-of-sale"
        case .medical: return "medical"
        case .inputDevice: return "input-device"
        case .securityKey: return "security-key"
        case .storage: return "storage"
        case .modem: return "modem"
        case .microphone: return "microphone"
        case .networkAdapter: return "network-adapter"
        }
    }

    /// The class of that name, or nil.
    public init?(name: ByteString) {
        guard let match = DeviceClass.allCases.first(where: { $0.name == name }) else { return nil }
        self = match
    }
}
