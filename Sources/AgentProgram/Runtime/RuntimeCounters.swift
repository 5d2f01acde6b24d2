/// What the runtime counts; every named limit that was hit shows here and in health reports.
struct RuntimeCounters {
    /// Policies refused.
    var policiesRefused: UInt64 = 0
    /// Policies that were in force and were put back.
    var rollbacks: UInt64 = 0
    /// Times the kernel's ruleset was found changed by somebody else, and repaired.
    var driftsRepaired: UInt64 = 0
    /// Certificates renewed.
    var renewals: UInt64 = 0
    /// Attempts to renew the certificate that failed.
    var renewalsFailed: UInt64 = 0
    /// Times the addresses of the collector's name could not be found.
    var resolutionsFailed: UInt64 = 0
    /// Log entries that were not Gatehouse's, or could not be read.
    var logEntriesSkipped: UInt64 = 0
    /// Devices on local buses that the last look at them turned away.
    var localDevicesTurnedAway: UInt64 = 0
    /// Messages of the Bluetooth management socket that could not be read.
    var bluetoothMalformed: UInt64 = 0
    /// Commands that a Bluetooth controller did not do: one that is switched off, or busy.
    var bluetoothRefused: UInt64 = 0
    /// Reports of flows that were in the spool when a collector was there that does not take them.
    var flowReportsPassedOver: UInt64 = 0
    /// Control connections turned away.
    var controlRefused: UInt64 = 0
}
