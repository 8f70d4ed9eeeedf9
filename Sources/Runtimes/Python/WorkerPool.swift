import OrderedCollections
import Wire

/// Which worker answers which request, in what order requests wait, and when a worker gives way to a new one. A pure value:
/// processes, sockets and timers are elsewhere.
///
/// As long as a request waits, every worker that is ready is busy.
struct WorkerPool: Sendable {
    /// When a worker is worn out.
    struct Wear: Sendable, Hashable {
        var afterRequests: Int?
        /// What a worker may take; it is worn out three quarters of the way there from what it took when it was loaded.
        var memoryBytes: Int?
    }

    private struct Worker: Sendable {
        var state: WorkerState
        var isBusy = false
        var answers = 0
        /// What it took once it was loaded.
        var loadedBytes: Int?
        /// The worker that takes its place once it is ready.
        var successor: Int?
        /// Whether it only finishes what it does.
        var isLeaving = false

        var isIdle: Bool { state.phase == .ready && !isBusy && !isLeaving }
    }

    /// How many workers there are to be.
    let size: Int
    private let longestLine: Int
    private let backOff: BackOff
    private let wear: Wear
    private var workers: OrderedDictionary<Int, Worker> = [:]
    private var lastNumber = 0
    private var hasLoaded = false
    private var isStopped = false
    private var restarts = 0
    private(set) var line: [Int] = []

    init(size: Int, longestLine: Int, backOff: BackOff, wear: Wear = Wear()) {
        self.size = max(1, size)
        self.longestLine = longestLine
        self.backOff = backOff
        self.wear = wear
    }

    // MARK: Requests

    /// Gives a worker to a request that has just come.
    /// - Returns: its number; nil when all are busy and the request has to wait.
    /// - Throws: when no worker can answer, or too many requests wait already.
    mutating func take() throws(RuntimeError) -> Int? {
        if let obstacle { throw obstacle }
        if let number = workers.first(where: { $0.value.isIdle })?.key {
            workers[number]?.isBusy = true
            return number
        }
        guard line.count < longestLine else {
            throw RuntimeError(
                .tooManyRequests, "\(line.count) requests wait for this model already.", retryAfterSeconds: 1)
        }
        return nil
    }

    /// Lets a request wait for which there was no worker.
    /// - Parameter isFirst: whether it goes before all others, because it has waited before.
    mutating func wait(_ request: Int, isFirst: Bool) {
        line.insert(request, at: isFirst ? 0 : line.count)
    }

    /// Nobody waits for the answer to this request any more.
    mutating func abandon(_ request: Int) {
        line.removeAll { $0 == request }
    }

    /// What a worker that is free goes on with.
    enum Next: Sendable, Equatable {
        case request(Int)
        case rest
        /// Another has taken its place.
        case leave
    }

    /// A worker has answered.
    /// - Parameter bytes: how much memory it takes.
    /// - Returns: what it goes on with, and the number of a worker that has to be started in its place.
    mutating func answered(_ number: Int, bytes: Int?) -> (Next, successor: Int?) {
        guard var worker = workers[number] else { return (.rest, nil) }
        worker.isBusy = false
        worker.answers += 1
        worker.state.answered()
        let isWorn = isWorn(worker, bytes: bytes) && worker.successor == nil && !isStopped
        if isWorn { worker.successor = lastNumber + 1 }
        workers[number] = worker
        if isWorn { add() }
        return (next(for: number), isWorn ? lastNumber : nil)
    }

    private mutating func next(for number: Int) -> Next {
        guard workers[number]?.isLeaving == false else { return .leave }
        guard workers[number]?.isIdle == true, !line.isEmpty else { return .rest }
        workers[number]?.isBusy = true
        return .request(line.removeFirst())
    }

    private func isWorn(_ worker: Worker, bytes: Int?) -> Bool {
        if let afterRequests = wear.afterRequests, worker.answers >= afterRequests { return true }
        guard let limit = wear.memoryBytes, let loaded = worker.loadedBytes, let bytes else { return false }
        return bytes > loaded + max(0, limit - loaded) / 4 * 3
    }

    // MARK: Workers

    /// Adds a worker that is to be started.
    @discardableResult mutating func add() -> Int {
        lastNumber += 1
        workers[lastNumber] = Worker(state: WorkerState(backOff: backOff, hasLoaded: hasLoaded))
        if isStopped { workers[lastNumber]?.state.stop() }
        return lastNumber
    }

    /// Whether a worker is still to be started, restarted or kept.
    func phase(of number: Int) -> WorkerState.Phase? {
        workers[number]?.state.phase
    }

    /// A worker has loaded the model.
    /// - Returns: the request that it takes; the workers that are idle and whose place it has taken.
    mutating func loaded(_ number: Int, bytes: Int?) -> (Next, leaving: [Int]) {
        workers[number]?.state.loaded()
        workers[number]?.loadedBytes = bytes
        workers[number]?.answers = 0
        hasLoaded = true
        let replaced = workers.filter { $0.value.successor == number }.keys
        for other in replaced { workers[other]?.isLeaving = true }
        return (next(for: number), replaced.filter { workers[$0]?.isBusy == false })
    }

    /// The number of the worker to start beside those there are; nil when there are enough.
    mutating func grow() -> Int? {
        let staying = workers.values.count { $0.successor == nil }
        return staying < size && !isStopped ? add() : nil
    }

    /// A worker's process is gone.
    /// - Returns: after how long to start it again; nil when it is not.
    mutating func ended(_ number: Int, reason: String) -> Duration? {
        workers[number]?.isBusy = false
        guard workers[number]?.successor == nil, let delay = workers[number]?.state.ended(reason: reason) else {
            if workers.count > 1 { workers[number] = nil }
            return nil
        }
        return delay
    }

    /// The rest after an end is over.
    /// - Returns: whether to start the process.
    mutating func restart(_ number: Int) -> Bool {
        let isWanted = workers[number]?.state.restart() ?? false
        if isWanted { restarts += 1 }
        return isWanted
    }

    /// Takes out those that wait, when no worker can answer them.
    mutating func turnAway() -> [Int] {
        guard obstacle != nil else { return [] }
        defer { line = [] }
        return line
    }

    mutating func stop() {
        isStopped = true
        for number in workers.keys { workers[number]?.state.stop() }
    }

    // MARK: Looking

    private var readyCount: Int {
        workers.values.count { $0.state.phase == .ready && !$0.isLeaving }
    }

    /// Why no request can be taken now; nil when one can.
    var obstacle: RuntimeError? {
        guard readyCount == 0, let nearest = workers.values.map(\.state).min(by: { $0.distance < $1.distance }),
            let refusal = nearest.refusal
        else { return nil }
        guard size > 1, nearest.phase != .stopped else { return refusal }
        return RuntimeError(
            refusal.code, "None of the model's \(size) processes answers. \(refusal.message)", hint: refusal.hint,
            retryAfterSeconds: refusal.retryAfterSeconds)
    }

    /// Whether another worker is to take its place.
    func isWorn(_ number: Int) -> Bool {
        workers[number]?.successor != nil
    }

    var count: WorkerCount { WorkerCount(ready: readyCount, wanted: size, restarts: restarts) }

    /// How many workers answer, when not all do.
    var remark: String? {
        guard obstacle == nil, readyCount < size else { return nil }
        let worst = workers.values.map(\.state).max { $0.distance < $1.distance }
        return "\(readyCount) of the model's \(size) processes answer. \(worst?.refusal?.message ?? "")"
    }
}
