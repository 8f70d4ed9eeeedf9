import Foundation
import Synchronization

/// LightGBM through its C functions, one row at a time.
final class Booster: Sendable {
    private typealias Create =
        @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<Int32>, UnsafeMutablePointer<UInt>) -> Int32
    private typealias Prepare =
        @convention(c) (UInt, Int32, Int32, Int32, Int32, Int32, UnsafePointer<CChar>, UnsafeMutablePointer<UInt>) ->
        Int32
    private typealias Predict =
        @convention(c) @Sendable (
            UInt, UnsafePointer<Double>, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Double>
        ) -> Int32

    private let predictRow: Predict
    /// Prepared predictors that no call uses at the moment.
    private let idle: Mutex<[UInt]>

    init(library: String, model: String, columns: Int32, threads: Int) {
        let handle = dlopen(library, RTLD_NOW)
        func function<Function>(_ name: String, _: Function.Type) -> Function {
            guard let symbol = dlsym(handle, name) else { fail("\(library) has no \(name)") }
            return unsafeBitCast(symbol, to: Function.self)
        }
        let create = function("LGBM_BoosterCreateFromModelfile", Create.self)
        let prepare = function("LGBM_BoosterPredictForMatSingleRowFastInit", Prepare.self)
        predictRow = function("LGBM_BoosterPredictForMatSingleRowFast", Predict.self)
        var iterations: Int32 = 0
        var booster: UInt = 0
        precondition(create(model, &iterations, &booster) == 0, "\(model) is not a model")
        idle = Mutex(
            (0..<threads).map { _ in
                var predictor: UInt = 0
                precondition(prepare(booster, 0, 0, -1, 1, columns, "num_threads=1", &predictor) == 0)
                return predictor
            })
    }

    func predict(_ row: [Double]) -> Double {
        let predictor = idle.withLock { $0.removeLast() }
        defer { idle.withLock { $0.append(predictor) } }
        var written: Int64 = 0
        var answer = 0.0
        precondition(predictRow(predictor, row, &written, &answer) == 0)
        return answer
    }
}
