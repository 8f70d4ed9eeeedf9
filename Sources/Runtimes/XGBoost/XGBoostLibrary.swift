import Natives
import Wire

/// The C functions of XGBoost that serving needs (`include/xgboost/c_api.h`, checked with 3.2.0).
///
/// Handles are numbers here: they are passed on, never dereferenced, and raw pointers are not `Sendable`.
struct XGBoostLibrary: Sendable {
    typealias Handle = UInt
    typealias Status = Int32

    /// Cached matrices (none), how many → booster.
    let boosterCreate: @convention(c) @Sendable (UnsafeRawPointer?, UInt64, UnsafeMutablePointer<Handle>) -> Status
    let boosterFree: @convention(c) @Sendable (Handle) -> Status
    let boosterLoadModel: @convention(c) @Sendable (Handle, UnsafePointer<CChar>) -> Status
    let boosterSetParam: @convention(c) @Sendable (Handle, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Status
    let boosterGetNumFeature: @convention(c) @Sendable (Handle, UnsafeMutablePointer<UInt64>) -> Status
    let boosterBoostedRounds: @convention(c) @Sendable (Handle, UnsafeMutablePointer<Int32>) -> Status
    /// Handle, attribute → text that the booster owns, whether there is one.
    let boosterGetAttr:
        @convention(c) @Sendable (
            Handle, UnsafePointer<CChar>, UnsafeMutablePointer<UnsafePointer<CChar>?>, UnsafeMutablePointer<Int32>
        ) -> Status
    /// Handle, field → how many texts, texts that the booster owns.
    let boosterGetStrFeatureInfo:
        @convention(c) @Sendable (
            Handle, UnsafePointer<CChar>, UnsafeMutablePointer<UInt64>,
            UnsafeMutablePointer<UnsafePointer<UnsafePointer<CChar>?>?>
        ) -> Status
    /// Handle → length, text that the calling thread owns.
    let boosterSaveJSONConfig:
        @convention(c) @Sendable (
            Handle, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UnsafePointer<CChar>?>
        ) -> Status
    /// Handle, array interface, configuration, no matrix → shape, dimensions, values that the calling thread owns until
    /// its next call.
    let boosterPredictFromDense:
        @convention(c) @Sendable (
            Handle, UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer?,
            UnsafeMutablePointer<UnsafePointer<UInt64>?>, UnsafeMutablePointer<UInt64>,
            UnsafeMutablePointer<UnsafePointer<Float>?>
        ) -> Status
    private let getLastError: @convention(c) @Sendable () -> UnsafePointer<CChar>

    init(_ library: NativeLibrary) throws {
        boosterCreate = try library.function("XGBoosterCreate")
        boosterFree = try library.function("XGBoosterFree")
        boosterLoadModel = try library.function("XGBoosterLoadModel")
        boosterSetParam = try library.function("XGBoosterSetParam")
        boosterGetNumFeature = try library.function("XGBoosterGetNumFeature")
        boosterBoostedRounds = try library.function("XGBoosterBoostedRounds")
        boosterGetAttr = try library.function("XGBoosterGetAttr")
        boosterGetStrFeatureInfo = try library.function("XGBoosterGetStrFeatureInfo")
        boosterSaveJSONConfig = try library.function("XGBoosterSaveJsonConfig")
        boosterPredictFromDense = try library.function("XGBoosterPredictFromDense")
        getLastError = try library.function("XGBGetLastError")
        let setGlobalConfig: @convention(c) (UnsafePointer<CChar>) -> Status =
            try library.function("XGBSetGlobalConfig")
        // Failures come back as statuses; the library would print them too.
        try check(setGlobalConfig(#"{"verbosity": 0}"#))
    }

    /// - Throws: `RuntimeError` with the library's own words when a call failed.
    func check(_ status: Status) throws {
        guard status != 0 else { return }
        // Kept per thread by the library: read before anything else runs on this one.
        let message = String(cString: getLastError())
        let words = message.split(separator: "\n").prefix { !$0.hasPrefix("Stack trace") }.map(Self.withoutPlace)
        throw RuntimeError.invalidInput("XGBoost: \(words.joined(separator: " "))")
    }

    /// A line begins with the time and the place in the library's source: `[12:00:00] /src/x.cc:12: Check failed: …`.
    private static func withoutPlace(_ line: Substring) -> Substring {
        guard line.hasPrefix("["), let end = line.firstRange(of: ": ")?.upperBound else { return line }
        return line[end...]
    }
}
