import Synchronization

/// A LightGBM model in memory.
///
/// The library keeps the range of iterations to predict with in the booster itself, so that predicting over another
/// range changes the answers of everyone who shares it (LightGBM #6142). One booster is therefore one model over all its
/// iterations, and nothing here takes a range.
final class LightGBMBooster: Sendable {
    let featureCount: Int
    /// Numbers in the prediction for one row: 1, or the number of classes.
    let outputCount: Int
    /// How many trees a row walks through: what a prediction costs.
    let treeCount: Int
    private let library: LightGBMLibrary
    private let handle: LightGBMLibrary.Handle
    /// Prepared predictors that no call uses at the moment. Each locks itself, so that calls at the same time take
    /// different ones.
    private let idle = Mutex<[LightGBMLibrary.Handle]>([])

    /// Loads a model text. Blocks for milliseconds.
    /// - Throws: `RuntimeError` when the text is not a model.
    init(library: LightGBMLibrary, text: LightGBMText) throws {
        var iterations: Int32 = 0
        var handle: LightGBMLibrary.Handle = 0
        try library.check(library.boosterLoadModelFromString(text.text, &iterations, &handle))
        do {
            var features: Int32 = 0
            try library.check(library.boosterGetNumFeature(handle, &features))
            var outputs: Int64 = 0
            try library.check(library.boosterCalcNumPredict(handle, 1, Self.predictNormal, 0, -1, &outputs))
            featureCount = Int(features)
            outputCount = Int(outputs)
            treeCount = Int(iterations) * Int(outputs)
        } catch {
            _ = library.boosterFree(handle)
            throw error
        }
        self.library = library
        self.handle = handle
    }

    deinit {
        for config in idle.withLock({ $0 }) { _ = library.fastConfigFree(config) }
        _ = library.boosterFree(handle)
    }

    /// Predicts row after row.
    /// - Parameter rows: row-major, `featureCount` numbers a row, NaN where a value is missing.
    /// - Returns: `outputCount` numbers a row. Blocks for some microseconds a row.
    func predict(rows: [Double]) throws -> [Double] {
        let config = try idle.withLock { $0.popLast() } ?? makeConfig()
        defer { idle.withLock { $0.append(config) } }
        let rowCount = rows.count / featureCount
        return try rows.withUnsafeBufferPointer { input in
            try [Double](unsafeUninitializedCapacity: rowCount * outputCount) { output, count in
                guard let source = input.baseAddress, let target = output.baseAddress else { return }
                for row in 0..<rowCount {
                    var written: Int64 = 0
                    try library.check(
                        library.singleRowFast(
                            config, source + row * featureCount, &written, target + row * outputCount))
                }
                count = rowCount * outputCount
            }
        }
    }

    private func makeConfig() throws -> LightGBMLibrary.Handle {
        var config: LightGBMLibrary.Handle = 0
        try library.check(
            library.singleRowFastInit(
                handle, Self.predictNormal, 0, -1, Self.float64, Int32(featureCount), "num_threads=1", &config))
        return config
    }

    private static let predictNormal: Int32 = 0
    private static let float64: Int32 = 1
}
