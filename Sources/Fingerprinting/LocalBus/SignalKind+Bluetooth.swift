public import PacketParsing

extension SignalKind {
    /// Of a statement of a Bluetooth advertisement.
    public init(_ kind: BluetoothAdvertisement.Kind) {
        switch kind {
        case .name: self = .bluetoothName
        case .service: self = .bluetoothService
        case .serviceData: self = .bluetoothServiceData
        case .manufacturer: self = .bluetoothManufacturer
        case .appearance: self = .bluetoothAppearance
        case .majorClass: self = .bluetoothMajorClass
        }
    }
}
