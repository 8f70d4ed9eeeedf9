import NIOPosix
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads the counters of the system: `/proc` on Linux; elsewhere each of them is said to be unavailable.
package struct ResourceReader: Sendable {
    /// The worker processes of models, and how many rows were predicted.
    package struct Load: Sendable {
        package let workers: [(model: String, version: Int, processIDs: [Int32])]
        package let rows: Int64

        package init(workers: [(model: String, version: Int, processIDs: [Int32])], rows: Int64) {
            self.workers = workers
            self.rows = rows
        }
    }

    private let folder: String
    private let clock: WallClock
    private let graphics: GraphicsDriver
    private static let driverFolder = "/proc/driver/nvidia"

    /// - Parameter folder: the data folder, whose disk is looked at.
    package init(folder: String, clock: WallClock) {
        self.folder = folder
        self.clock = clock
        graphics = GraphicsDriver(clock: clock)
    }

    package func read(_ load: Load) async throws -> ResourceReading {
        let (reading, hasGPU) = try await NIOThreadPool.singleton.runIfActive {
            (read(load, at: clock.now), FileManager.default.fileExists(atPath: Self.driverFolder))
        }
        guard hasGPU else {
            var reading = reading
            reading.unavailable["gpu"] = "no NVIDIA driver is loaded (\(Self.driverFolder) is not there)"
            return reading
        }
        return await graphics.added(to: reading)
    }

    /// Blocks.
    private func read(_ load: Load, at now: Timestamp) -> ResourceReading {
        var reading = ResourceReading(time: now)
        reading.rows = load.rows
        var space = statvfs()
        if statvfs(folder, &space) == 0 {
            let block = Int64(space.f_frsize)
            let total = Int64(space.f_blocks) * block
            reading.disk = .init(usedBytes: total - Int64(space.f_bavail) * block, totalBytes: total)
        } else {
            reading.unavailable["disk"] = "the disk of \(folder) tells nothing: \(String(cString: strerror(errno)))"
        }
        #if os(Linux)
            let subjects =
                [(CostSubject.server, getpid())]
                + load.workers.flatMap { worker in
                    worker.processIDs.map { (CostSubject.model(worker.model, version: worker.version), $0) }
                }
            for (subject, id) in subjects {
                // One that has just ended is not there.
                guard let stat = Self.text("/proc/\(id)/stat"), let pages = Self.text("/proc/\(id)/statm"),
                    let ticks = ProcText.cpuTicks(stat), let resident = ProcText.residentPages(pages)
                else { continue }
                let process = ResourceReading.Process(
                    cpuMs: ticks * 1000 / Int64(sysconf(CInt(_SC_CLK_TCK))),
                    memoryBytes: resident * Int64(sysconf(CInt(_SC_PAGESIZE))))
                reading.processes[id] = (subject: subject, process: process)
            }
            if let traffic = Self.text("/proc/net/dev").map(ProcText.traffic) {
                reading.receivedBytes = traffic.received
                reading.sentBytes = traffic.sent
            } else {
                reading.unavailable["network"] = "/proc/net/dev cannot be read"
            }
        #else
            for name in ["cpu", "memory", "network"] { reading.unavailable[name] = "only Linux tells it, in /proc" }
        #endif
        return reading
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
