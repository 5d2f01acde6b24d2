import Fingerprinting
import NetworkTypes

/// All labelled devices, run through extraction and identity with one knowledge file, and judged.
public struct CaptureScore {
    /// One labelled device.
    public struct Row {
        /// What is right to say of it.
        public let label: CaptureLabel
        /// Nil where the capture shows no device of that address.
        public let device: MACAddress?
        /// What is said of it.
        public let identity: Identity
        /// Whether the class is right.
        public let deviceClass: Verdict
        /// Whether the vendor is right.
        public let vendor: Verdict
        /// Whether the model is right.
        public let model: Verdict
    }

    /// One for each device that a label names.
    public private(set) var rows: [Row] = []
    /// Labels that name no device: attacks, and captures of several devices at once.
    public private(set) var labelsWithoutDevice: [CaptureLabel] = []
    /// Of the classes said.
    public private(set) var classes = Tally()
    /// Of the vendors said.
    public private(set) var vendors = Tally()
    /// Of the models said.
    public private(set) var models = Tally()
    /// Of all three together.
    public private(set) var calibration = Calibration()

    /// Runs all captures of the data folder.
    public init(knowledge: KnowledgeBase) throws {
        for label in try CaptureLabel.all() {
            guard !(label.macs + label.addresses).isEmpty else {
                labelsWithoutDevice.append(label)
                continue
            }
            let replay = try Replay(try CaptureData.bytes(label.path))
            let devices = label.devices(in: replay)
            for device in devices { add(label, device, replay.identity(of: device, knowledge: knowledge)) }
            if devices.isEmpty { add(label, nil, Identity()) }
        }
    }

    private mutating func add(_ label: CaptureLabel, _ device: MACAddress?, _ identity: Identity) {
        let row = Row(
            label: label,
            device: device,
            identity: identity,
            deviceClass: label.judge(class: identity.deviceClass),
            vendor: label.judge(vendor: identity.vendor),
            model: label.judge(model: identity.model)
        )
        rows.append(row)
        classes.add(row.deviceClass, isTold: label.classes?.contains("unknown") == false)
        vendors.add(row.vendor, isTold: label.vendor != nil)
        models.add(row.model, isTold: !label.modelTokens.isEmpty)
        calibration.add(row.deviceClass, identity.classConfidence)
        calibration.add(row.vendor, identity.vendorConfidence)
        calibration.add(row.model, identity.modelConfidence)
    }
}
