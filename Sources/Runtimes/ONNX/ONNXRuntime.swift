import NIOCore
import NIOPosix
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An ONNX model that runs inside the server, in ONNX Runtime's own library.
///
/// It answers what MLflow's `onnx` flavour answers: to a table a table with a column for each output, to tensors an object
/// of them.
package struct ONNXRuntime: ModelRuntime {
    package var name: String { "onnx" }
    package let signature: ModelSignature?
    private let session: ONNXSession
    private let feeds: ONNXFeeds
    private let library: ONNXLibrary
    private let place: RunPlace
    private let pace: ONNXPace

    /// Where long runs go, and how long they may take.
    struct RunPlace: Sendable {
        let threads: NIOThreadPool
        let group: any EventLoopGroup
        let longest: Duration
    }

    /// Loads a model when it can be run this way. Blocks for milliseconds.
    /// - Returns: nil for a model that MLflow's own code should run: one without a signature, one whose signature does not
    ///   fit its inputs, one with settings of the session that are not known here.
    /// - Throws: `RuntimeError` when the model file is missing or is not a model.
    init?(folder: ModelFolder, library: ONNXLibrary, place: RunPlace) throws {
        guard let flavor = folder.native("onnx"), let signature = folder.signature,
            let modelPath = try folder.data(of: flavor), let settings = ONNXSettings(flavor)
        else { return nil }
        session = try ONNXSession(
            library: library, modelPath: modelPath, threads: settings.threads, optimization: settings.optimization)
        guard let feeds = ONNXFeeds(inputs: session.inputs, signature: signature) else { return nil }
        self.feeds = feeds
        self.signature = signature
        self.library = library
        self.place = place
        pace = ONNXPace(mayBeQuick: !Self.mayLoop(modelPath))
    }

    /// Whether a model holds operators that repeat a part of it as often as their data says, or is too large to look.
    private static func mayLoop(_ modelPath: String) -> Bool {
        let size = (try? FileManager.default.attributesOfItem(atPath: modelPath)[.size] as? Int) ?? .max
        guard size <= 4 << 20, let model = try? Data(contentsOf: URL(filePath: modelPath)) else { return true }
        // A node's `op_type` is field 4 of its message, a text with its length before it.
        return ["\u{22}\u{04}Loop", "\u{22}\u{04}Scan", "\u{22}\u{0B}SequenceMap"].contains { field in
            model.withUnsafeBytes { $0.firstRange(of: Array(field.utf8)) != nil }
        }
    }

    package func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        try await predict(input, parameters: parameters, context: PredictionContext())
    }

    package func predict(
        _ input: ModelInput, parameters: JSON?, context: PredictionContext
    ) async throws -> ModelOutput {
        let tensors = try feeds.tensors(of: input)
        let outputs =
            pace.isQuick(elements: tensors.elementCount)
            ? try run(tensors, options: nil) : try await runAside(tensors, until: context.deadline)
        return ModelOutput(outputs, names: session.outputNames, layout: feeds.layout)
    }

    private func run(_ tensors: [Tensor], options: ONNXRunOptions?) throws -> [ONNXOutput] {
        do {
            return try pace.measure(elements: tensors.elementCount) { try session.run(tensors, options: options) }
        } catch let failure as ONNXFailure {
            throw RuntimeError(.badRequest, "The model refuses this input: \(failure.line)")
        }
    }

    /// Runs on a thread that may block, and ends the run when it takes too long or nobody waits for it any more.
    private func runAside(_ tensors: [Tensor], until end: ContinuousClock.Instant?) async throws -> [ONNXOutput] {
        let options = try ONNXRunOptions(library)
        let isLate = Flag()
        let longest = min(end.map { ContinuousClock.now.duration(to: $0) } ?? place.longest, place.longest)
        let deadline = place.group.any().scheduleTask(in: TimeAmount(longest)) {
            isLate.set()
            options.terminate()
        }
        defer { deadline.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await place.threads.runIfActive { try run(tensors, options: options) }
            } onCancel: {
                options.terminate()
            }
        } catch {
            try Task.checkCancellation()
            guard isLate.isSet else { throw error }
            throw RuntimeError(.deadlineExceeded, "The model did not answer within \(longest).")
        }
    }

    package func obstacle() async -> RuntimeError? { nil }

    /// The session is freed with the last run that uses it.
    package func close() async {}
}

extension [Tensor] {
    fileprivate var elementCount: Int { reduce(0) { $0 + $1.values.count } }
}

/// The settings of a session that change what a model answers or how long it takes, from its MLmodel file.
private struct ONNXSettings {
    var threads = 1
    var optimization: Int32?

    /// - Returns: nil for settings that are not known here.
    init?(_ flavor: JSON) {
        guard let options = flavor["onnx_session_options"], let members = options.memberList else { return }
        for (key, value) in members where value != .null {
            switch (key, value.integerValue) {
            case ("intra_op_num_threads", let number?):
                threads = min(max(Int(number), 1), ProcessInfo.processInfo.activeProcessorCount)
            case ("graph_optimization_level", let number?): optimization = Int32(clamping: number)
            case ("inter_op_num_threads", _), ("execution_mode", _): continue
            default: return nil
            }
        }
    }
}
