import Synchronization
import Wire

/// An XGBoost model in memory. Predictions of trees may overlap; those of linear models may not, so that there is none here.
final class XGBoostBooster: Sendable {
    let featureCount: Int
    /// What the model was trained with; empty when it does not say.
    let featureNames: [String]
    /// Such as `float`, `int`, or `c` for a category; empty when the model does not say.
    let featureTypes: [String]
    /// The learner's configuration as the library describes it.
    let configuration: JSON
    /// How many rounds of trees a row walks through: what a prediction costs.
    let rounds: Int
    private let library: XGBoostLibrary
    private let handle: XGBoostLibrary.Handle
    /// Places for a single row that no call uses at the moment.
    private let idle = Mutex<[Row]>([])

    /// A place for one row, and how the library is told of it: always in the same words.
    private struct Row: Sendable {
        let address: UInt
        let interface: [CChar]
    }

    /// Loads a model file. Blocks for milliseconds.
    /// - Throws: `RuntimeError` when the file is not a model.
    init(library: XGBoostLibrary, modelPath: String) throws {
        var handle: XGBoostLibrary.Handle = 0
        try library.check(library.boosterCreate(nil, 0, &handle))
        do {
            // Before the model is loaded, and never while it predicts.
            try library.check(library.boosterSetParam(handle, "nthread", "1"))
            try library.check(library.boosterLoadModel(handle, modelPath))
            var features: UInt64 = 0
            try library.check(library.boosterGetNumFeature(handle, &features))
            var rounds: Int32 = 0
            try library.check(library.boosterBoostedRounds(handle, &rounds))
            featureCount = Int(features)
            self.rounds = Int(rounds)
            featureNames = try library.texts("feature_name", of: handle)
            featureTypes = try library.texts("feature_type", of: handle)
            configuration = try library.configuration(of: handle)
        } catch {
            _ = library.boosterFree(handle)
            throw error
        }
        self.library = library
        self.handle = handle
    }

    deinit {
        for row in idle.withLock({ $0 }) { UnsafeMutablePointer<Float>(bitPattern: row.address)?.deallocate() }
        _ = library.boosterFree(handle)
    }

    /// An attribute that was saved with the model.
    func attribute(_ name: String) throws -> String? {
        var text: UnsafePointer<CChar>?
        var isThere: Int32 = 0
        try library.check(library.boosterGetAttr(handle, name, &text, &isThere))
        return isThere == 1 ? text.map { String(cString: $0) } : nil
    }

    /// Predicts all rows. Blocks for about 50 microseconds and some more a row.
    /// - Parameters:
    ///   - rows: row-major, `featureCount` numbers a row, NaN where a value is missing.
    ///   - question: what to predict, in the library's words.
    func predict(rows: [Float], question: XGBoostQuestion) throws -> Tensor {
        guard rows.count == featureCount else {
            let rowCount = rows.count / featureCount
            return try rows.withUnsafeBufferPointer { buffer in
                let address = UInt(bitPattern: buffer.baseAddress)
                return try predict(interface: Self.interface(address, rowCount, featureCount), question)
            }
        }
        let row = idle.withLock { $0.popLast() } ?? makeRow()
        defer { idle.withLock { $0.append(row) } }
        UnsafeMutablePointer<Float>(bitPattern: row.address)?.update(from: rows, count: featureCount)
        return try predict(interface: row.interface, question)
    }

    /// What the library answers is copied here, on the thread that asked and before it asks again.
    private func predict(interface: [CChar], _ question: XGBoostQuestion) throws -> Tensor {
        var shape: UnsafePointer<UInt64>?
        var dimensions: UInt64 = 0
        var values: UnsafePointer<Float>?
        try library.check(
            library.boosterPredictFromDense(handle, interface, question.text, nil, &shape, &dimensions, &values))
        let lengths = UnsafeBufferPointer(start: shape, count: Int(dimensions)).map { Int($0) }
        let count = lengths.reduce(1, *)
        return Tensor(shape: lengths, values: .floats(Array(UnsafeBufferPointer(start: values, count: count))))
    }

    private func makeRow() -> Row {
        let address = UInt(bitPattern: UnsafeMutablePointer<Float>.allocate(capacity: featureCount))
        return Row(address: address, interface: Self.interface(address, 1, featureCount))
    }

    /// An array of 32-bit floats as numpy's array interface describes it.
    private static func interface(_ address: UInt, _ rows: Int, _ columns: Int) -> [CChar] {
        let text = """
            {"data": [\(address), true], "shape": [\(rows), \(columns)], "typestr": "<f4", "version": 3}
            """
        return Array(text.utf8CString)
    }
}

/// What to predict: the values of the first iterations, or of all.
struct XGBoostQuestion: Sendable {
    let text: [CChar]

    /// - Parameter iterations: 0 for all.
    init(iterations: Int) {
        let text = """
            {"type": 0, "training": false, "iteration_begin": 0, "iteration_end": \(iterations), \
            "strict_shape": false, "missing": NaN, "cache_id": 0}
            """
        self.text = Array(text.utf8CString)
    }
}

extension XGBoostLibrary {
    fileprivate func texts(_ field: String, of handle: Handle) throws -> [String] {
        var count: UInt64 = 0
        var texts: UnsafePointer<UnsafePointer<CChar>?>?
        try check(boosterGetStrFeatureInfo(handle, field, &count, &texts))
        return UnsafeBufferPointer(start: texts, count: Int(count)).map { text in
            text.map { String(cString: $0) } ?? ""
        }
    }

    fileprivate func configuration(of handle: Handle) throws -> JSON {
        var length: UInt64 = 0
        var text: UnsafePointer<CChar>?
        try check(boosterSaveJSONConfig(handle, &length, &text))
        return try JSON.parse(text.map { String(cString: $0) } ?? "{}")
    }
}
