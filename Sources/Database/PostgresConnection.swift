import Wire

/// A connection to PostgreSQL. Its calls block, and it stays on the thread that made it.
final class PostgresConnection {
    private let library: LibPQ
    private let handle: LibPQ.Handle
    private let location: PostgresLocation
    private var statements = PreparedStatements(limit: 256)
    /// Rows of a statement are being read; the connection can do nothing else then.
    private var isReading = false
    /// A statement that was prepared no longer fits the schema.
    private var isOutdated = false

    /// - Parameter settings: statements that hold for all that follows.
    /// - Throws: `DatabaseError` when the server does not answer or does not let us in.
    init(_ library: LibPQ, _ location: PostgresLocation, settings: String) throws {
        self.library = library
        self.location = location
        guard let handle = location.withParameters({ library.connect($0, $1, 1) }) else {
            throw DatabaseError(.internalError, "There is no memory for a connection to \(location.place).")
        }
        self.handle = handle
        _ = library.setNoticeReceiver(handle, { _, _ in }, nil)
        guard library.status(handle) == LibPQ.connectionOK else { throw location.unreachable(message) }
        let encoding = library.parameterStatus(handle, "server_encoding").map { String(cString: $0) }
        guard encoding == "UTF8" else { throw location.wrongEncoding(encoding ?? "unknown") }
        try command(settings)
    }

    deinit {
        library.finish(handle)
    }

    /// Whether there is a transaction, be it one that failed.
    var isInTransaction: Bool {
        let status = library.transactionStatus(handle)
        return status == LibPQ.inTransaction || status == LibPQ.inFailedTransaction
    }

    /// Whether it must not be used again.
    var isLost: Bool { isOutdated || library.status(handle) != LibPQ.connectionOK }

    /// The number by which the server knows the connection.
    var serverPID: Int32 { library.backendPID(handle) }

    private var message: String {
        library.errorMessage(handle).map { String(cString: $0) } ?? "libpq gives no reason"
    }

    /// Runs statements without values and without rows, in one round trip.
    func command(_ text: String) throws {
        try check(library.execute(handle, text))
    }

    /// Runs a statement that changes the schema. What was prepared may not fit any more.
    func define(_ text: String) throws {
        try command(text)
        guard statements.count > 0 else { return }
        try command("DEALLOCATE ALL")
        statements.forgetAll()
    }

    /// Runs one statement and hands over its rows as they arrive.
    /// - Returns: how many rows it gave or changed.
    @discardableResult
    func query(_ text: String, _ parameters: PostgresParameters, _ body: (Row) throws -> Void) throws -> Int {
        guard !isReading else {
            throw DatabaseError(.internalError, "A statement was run while the rows of another were read: \(text)")
        }
        let name = try prepared(text, parameters.types)
        let sent = parameters.withPointers { library.sendPrepared(handle, name, $0, $1, $2, $3, 1) }
        guard sent == 1 else { throw location.lost(message) }
        _ = library.setSingleRowMode(handle)
        isReading = true
        defer { isReading = false }
        return try readResults(body)
    }

    /// Reads to the end, whatever happens: only then is the connection free again.
    private func readResults(_ body: (Row) throws -> Void) throws -> Int {
        var failure: (any Error)?
        var types: [UInt32] = []
        var changed = 0
        while let result = library.nextResult(handle) {
            defer { library.clear(result) }
            do {
                switch library.resultStatus(result) {
                case LibPQ.singleTuple where failure == nil:
                    if types.isEmpty { types = columnTypes(of: result) }
                    try body(try row(of: result, types))
                case LibPQ.singleTuple: break
                case LibPQ.commandOK, LibPQ.tuplesOK:
                    changed = library.changedRows(result).flatMap { Int(String(cString: $0)) } ?? 0
                default: throw error(of: result)
                }
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return changed
    }

    private func columnTypes(of result: LibPQ.Handle) -> [UInt32] {
        (0..<library.columnCount(result)).map { library.columnType(result, $0) }
    }

    private func row(of result: LibPQ.Handle, _ types: [UInt32]) throws -> Row {
        var values: [SQLValue] = []
        values.reserveCapacity(types.count)
        for (index, type) in types.enumerated() {
            let column = CInt(index)
            if library.isNull(result, 0, column) == 1 {
                values.append(.null)
            } else {
                let count = Int(library.length(result, 0, column))
                let bytes = UnsafeBufferPointer(start: library.value(result, 0, column), count: count)
                values.append(try SQLValue(postgres: bytes, type: type))
            }
        }
        return Row(values: values)
    }

    // MARK: Prepared statements

    /// The name under which the server knows a statement; prepared now when it is new.
    private func prepared(_ text: String, _ types: [UInt32]) throws -> String {
        let statement = PreparedStatements.Statement(text: text, types: types)
        if let name = statements.name(of: statement) { return name }
        if let surplus = statements.surplus() {
            try command("DEALLOCATE \(surplus)")
            statements.forget(surplus)
        }
        let name = statements.newName()
        try check(library.prepare(handle, name, text, CInt(types.count), types))
        statements.remember(statement, as: name)
        return name
    }

    /// How many statements are prepared.
    var preparedCount: Int { statements.count }

    // MARK: Errors

    private func check(_ result: LibPQ.Handle?) throws {
        guard let result else { throw location.lost(message) }
        defer { library.clear(result) }
        let status = library.resultStatus(result)
        guard status == LibPQ.commandOK || status == LibPQ.tuplesOK else { throw error(of: result) }
    }

    private func error(of result: LibPQ.Handle) -> DatabaseError {
        func field(_ name: Character) -> String? {
            library.errorField(result, CInt(name.asciiValue ?? 0)).map { String(cString: $0) }
        }
        // Without a code it is libpq that speaks: the server is gone.
        guard let code = field("C") else { return location.lost(message) }
        // The shape of a table changed, or someone between us and the server gave the connection to another.
        if code == "0A000" || code == "26000" { isOutdated = true }
        let text = [field("M"), field("D")].compactMap(\.self).joined(separator: ": ")
        return location.error(code: code, text.isEmpty ? message : text)
    }

    // MARK: Notifications

    var socket: CInt { library.socket(handle) }

    /// Takes in what has arrived.
    /// - Returns: what others said, and the number of who did.
    func notifications() throws -> [(text: String, senderPID: Int32)] {
        guard library.consumeInput(handle) == 1 else { throw location.lost(message) }
        var all: [(text: String, senderPID: Int32)] = []
        while let address = library.notification(handle) {
            let notification = address.load(as: LibPQ.Notification.self)
            all.append((notification.payload.map { String(cString: $0) } ?? "", notification.senderPID))
            library.free(address)
        }
        return all
    }
}
