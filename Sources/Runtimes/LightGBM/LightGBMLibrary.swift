import Natives

/// The C functions of LightGBM that serving needs (`include/LightGBM/c_api.h`, checked with 4.7.0).
///
/// Handles are numbers here: they are passed on, never dereferenced, and raw pointers are not `Sendable`.
struct LightGBMLibrary: Sendable {
    typealias Handle = UInt
    typealias Status = Int32

    let boosterLoadModelFromString:
        @convention(c) @Sendable (UnsafePointer<CChar>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Handle>) ->
            Status
    let boosterFree: @convention(c) @Sendable (Handle) -> Status
    let boosterGetNumFeature: @convention(c) @Sendable (Handle, UnsafeMutablePointer<Int32>) -> Status
    /// Handle, rows, predict type, first iteration, iterations → how many numbers a prediction has.
    let boosterCalcNumPredict:
        @convention(c) @Sendable (Handle, Int32, Int32, Int32, Int32, UnsafeMutablePointer<Int64>) -> Status
    /// Handle, predict type, first iteration, iterations, data type, columns, parameters → configuration.
    let singleRowFastInit:
        @convention(c) @Sendable (
            Handle, Int32, Int32, Int32, Int32, Int32, UnsafePointer<CChar>, UnsafeMutablePointer<Handle>
        ) -> Status
    let singleRowFast:
        @convention(c) @Sendable (
            Handle, UnsafePointer<Double>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Double>
        ) -> Status
    let fastConfigFree: @convention(c) @Sendable (Handle) -> Status
    private let getLastError: @convention(c) @Sendable () -> UnsafePointer<CChar>
    private let setMaxThreads: @convention(c) @Sendable (Int32) -> Status

    init(_ library: NativeLibrary) throws {
        boosterLoadModelFromString = try library.function("LGBM_BoosterLoadModelFromString")
        boosterFree = try library.function("LGBM_BoosterFree")
        boosterGetNumFeature = try library.function("LGBM_BoosterGetNumFeature")
        boosterCalcNumPredict = try library.function("LGBM_BoosterCalcNumPredict")
        singleRowFastInit = try library.function("LGBM_BoosterPredictForMatSingleRowFastInit")
        singleRowFast = try library.function("LGBM_BoosterPredictForMatSingleRowFast")
        fastConfigFree = try library.function("LGBM_FastConfigFree")
        getLastError = try library.function("LGBM_GetLastError")
        setMaxThreads = try library.function("LGBM_SetMaxThreads")
        let registerLog: @convention(c) (@convention(c) (UnsafePointer<CChar>) -> Void) -> Status =
            try library.function("LGBM_RegisterLogCallback")
        // Failures come back as statuses; the library would print them too.
        try check(registerLog { _ in })
        // Without it every calling thread would get a team of OpenMP threads of its own.
        try check(setMaxThreads(1))
    }

    /// - Throws: `RuntimeError` with the library's own words when a call failed.
    func check(_ status: Status) throws {
        guard status != 0 else { return }
        // Kept per thread by the library: read before anything else runs on this one.
        throw RuntimeError.invalidInput("LightGBM: \(String(cString: getLastError()))")
    }
}
