import Subprocess
package import Wire

/// What NVIDIA's cards hold. Their driver is asked by `nvidia-smi`, which hangs with it, even past being killed: nobody waits for
/// an answer, which is used once it is there.
package actor GraphicsDriver {
    private let ask: @Sendable (_ question: String) async -> String?
    private let clock: WallClock
    private var answer: Answer?
    private var question: Task<Void, Never>?

    private struct Answer {
        let time: Timestamp
        let memory: ResourceReading.Disk
        /// By process id.
        let usedBytes: [(Int32, Int64)]
    }

    /// What was answered longer ago says nothing any more.
    private static let lifetime = Duration.seconds(60)
    private static let deadline = Duration.seconds(30)

    /// - Parameter ask: what the driver says to a question of `nvidia-smi`; nil when it says nothing.
    package init(
        clock: WallClock, ask: @escaping @Sendable (_ question: String) async -> String? = GraphicsDriver.nvidiaSMI
    ) {
        self.clock = clock
        self.ask = ask
    }

    /// A reading with what the driver said last. It is asked again, for the reading after.
    func added(to reading: ResourceReading) -> ResourceReading {
        askAgain()
        var reading = reading
        guard let answer, clock.now < answer.time + Self.lifetime else {
            reading.unavailable["gpu"] = "an NVIDIA driver is loaded, but nvidia-smi has not answered"
            return reading
        }
        reading.gpu = answer.memory
        for (id, bytes) in answer.usedBytes { reading.processes[id]?.process.gpuBytes += bytes }
        return reading
    }

    /// Waits for the answer to the question under way.
    func settle() async {
        await question?.value
    }

    private func askAgain() {
        guard question == nil else { return }
        question = Task {
            if let cards = await ask("--query-gpu=memory.used,memory.total"),
                let apps = await ask("--query-compute-apps=pid,used_memory")
            {
                let sums = ProcText.pairs(cards).reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
                answer = Answer(
                    time: clock.now, memory: .init(usedBytes: sums.0 << 20, totalBytes: sums.1 << 20),
                    usedBytes: ProcText.pairs(apps).map { (Int32(clamping: $0), $1 << 20) })
            }
            question = nil
        }
    }

    /// One that takes too long is killed.
    package static func nvidiaSMI(_ question: String) async -> String? {
        await withTaskGroup(of: String?.self) { group in
            group.addTask {
                let answer = try? await Subprocess.run(
                    .name("nvidia-smi"), arguments: [question, "--format=csv,noheader,nounits"],
                    output: .string(limit: 1 << 16), error: .discarded)
                return answer?.terminationStatus.isSuccess == true ? answer?.standardOutput : nil
            }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
