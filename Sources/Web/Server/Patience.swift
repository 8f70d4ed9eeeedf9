import NIOCore

/// How long a connection has let the server wait; a pure value. It is looked at in even periods, each as long as the
/// patience is.
struct Patience {
    enum Finding: Equatable {
        case fine
        /// There was no request, or the head of one did not end.
        case silent
        /// The server asked for a body and got next to nothing.
        case slowBody
        /// The client does not take its answer.
        case slowReader
    }

    let limits: ServerLimits
    /// Requests whose answer has not ended.
    private(set) var requestsInProgress = 0
    /// The head of a request has come and its end has not.
    private(set) var isReceiving = false
    /// The request being read is a stream, whose client sends when it has something to send.
    private var isStream = false
    private var lastEvent: NIODeadline
    /// Since when the server has been waiting for what comes next; nil while it does not want more.
    private var askedSince: NIODeadline?
    private var unwritableSince: NIODeadline?
    private var periodStart: NIODeadline
    /// Within this period.
    private var waited = TimeAmount.zero
    private var bytes = 0

    init(limits: ServerLimits, now: NIODeadline) {
        self.limits = limits
        lastEvent = now
        periodStart = now
    }

    mutating func asked(at now: NIODeadline) {
        if askedSince == nil { askedSince = now }
    }

    mutating func gotHead(at now: NIODeadline) {
        got(0, at: now)
        requestsInProgress += 1
        isReceiving = true
        isStream = false
    }

    mutating func got(_ count: Int, at now: NIODeadline) {
        lastEvent = now
        bytes += count
        if let askedSince { waited = waited + (now - max(askedSince, periodStart)) }
        askedSince = nil
    }

    mutating func gotEnd(at now: NIODeadline) {
        got(0, at: now)
        isReceiving = false
    }

    /// The request being read is a stream; nothing changes when its end has come already.
    mutating func streams() {
        isStream = isReceiving
    }

    mutating func answered(at now: NIODeadline) {
        lastEvent = now
        requestsInProgress -= 1
    }

    mutating func writable(_ isWritable: Bool, at now: NIODeadline) {
        unwritableSince = isWritable ? nil : unwritableSince ?? now
    }

    /// Ends a period.
    mutating func look(at now: NIODeadline) -> Finding {
        if let askedSince { waited = waited + (now - max(askedSince, periodStart)) }
        let period = now - periodStart
        // The server may have been busy itself for a part of it.
        let waitedThroughout = waited.nanoseconds >= period.nanoseconds / 10 * 9
        defer {
            periodStart = now
            waited = .zero
            bytes = 0
        }
        if let unwritableSince, now - unwritableSince >= limits.patience { return .slowReader }
        // Nobody reads what comes after an early answer.
        if isReceiving, requestsInProgress == 0, now - lastEvent >= limits.patience { return .silent }
        if isReceiving, isStream {
            return askedSince.map { now - $0 >= limits.streamSilence } ?? false ? .silent : .fine
        }
        if isReceiving { return waitedThroughout && bytes < limits.leastBytes ? .slowBody : .fine }
        if requestsInProgress == 0, now - lastEvent >= limits.silence { return .silent }
        return .fine
    }
}
