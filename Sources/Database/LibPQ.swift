import Natives

/// PostgreSQL's C library, loaded when the first database of its kind is opened: linking it would bring more than twenty
/// libraries to everyone who never needs them. The declarations are those of `libpq-fe.h`.
struct LibPQ: Sendable {
    /// `PGconn *` and `PGresult *`.
    typealias Handle = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Texts = UnsafePointer<Text?>

    let connect: @convention(c) (Texts, Texts, CInt) -> Handle?
    let finish: @convention(c) (Handle) -> Void
    let status: @convention(c) (Handle) -> CInt
    let transactionStatus: @convention(c) (Handle) -> CInt
    let parameterStatus: @convention(c) (Handle, Text) -> Text?
    let errorMessage: @convention(c) (Handle) -> Text?
    let backendPID: @convention(c) (Handle) -> CInt
    let socket: @convention(c) (Handle) -> CInt
    /// What the server remarks, such as that a table is there already, goes to standard error unless someone takes it.
    let setNoticeReceiver:
        @convention(c) (
            Handle, @convention(c) (UnsafeMutableRawPointer?, Handle?) -> Void, UnsafeMutableRawPointer?
        ) -> UnsafeRawPointer?

    let execute: @convention(c) (Handle, Text) -> Handle?
    let prepare: @convention(c) (Handle, Text, Text, CInt, UnsafePointer<UInt32>?) -> Handle?
    let sendPrepared:
        @convention(c) (
            Handle, Text, CInt, UnsafePointer<UnsafePointer<UInt8>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?, CInt
        ) -> CInt
    let setSingleRowMode: @convention(c) (Handle) -> CInt
    let nextResult: @convention(c) (Handle) -> Handle?
    let clear: @convention(c) (Handle) -> Void
    let resultStatus: @convention(c) (Handle) -> CInt
    let errorField: @convention(c) (Handle, CInt) -> Text?
    let changedRows: @convention(c) (Handle) -> Text?
    let columnCount: @convention(c) (Handle) -> CInt
    let columnType: @convention(c) (Handle, CInt) -> UInt32
    let isNull: @convention(c) (Handle, CInt, CInt) -> CInt
    let length: @convention(c) (Handle, CInt, CInt) -> CInt
    let value: @convention(c) (Handle, CInt, CInt) -> UnsafePointer<UInt8>?

    let consumeInput: @convention(c) (Handle) -> CInt
    /// A `Notification *`.
    let notification: @convention(c) (Handle) -> UnsafeMutableRawPointer?
    let free: @convention(c) (UnsafeMutableRawPointer?) -> Void

    /// `PGnotify`, as far as it is public.
    struct Notification {
        let channel: Text?
        let senderPID: CInt
        let payload: Text?
    }

    /// Of `ConnStatusType`, `PGTransactionStatusType` and `ExecStatusType`.
    static let connectionOK: CInt = 0
    static let inTransaction: CInt = 2
    static let inFailedTransaction: CInt = 3
    static let commandOK: CInt = 1
    static let tuplesOK: CInt = 2
    static let singleTuple: CInt = 9

    /// Blocks for some milliseconds.
    /// - Throws: `NativesError` that names the package to install.
    init() throws {
        let library = try NativeLibrary.find(.libpq, file: nil, pythonPath: [])
        connect = try library.function("PQconnectdbParams")
        finish = try library.function("PQfinish")
        status = try library.function("PQstatus")
        transactionStatus = try library.function("PQtransactionStatus")
        parameterStatus = try library.function("PQparameterStatus")
        errorMessage = try library.function("PQerrorMessage")
        backendPID = try library.function("PQbackendPID")
        socket = try library.function("PQsocket")
        setNoticeReceiver = try library.function("PQsetNoticeReceiver")
        execute = try library.function("PQexec")
        prepare = try library.function("PQprepare")
        sendPrepared = try library.function("PQsendQueryPrepared")
        setSingleRowMode = try library.function("PQsetSingleRowMode")
        nextResult = try library.function("PQgetResult")
        clear = try library.function("PQclear")
        resultStatus = try library.function("PQresultStatus")
        errorField = try library.function("PQresultErrorField")
        changedRows = try library.function("PQcmdTuples")
        columnCount = try library.function("PQnfields")
        columnType = try library.function("PQftype")
        isNull = try library.function("PQgetisnull")
        length = try library.function("PQgetlength")
        value = try library.function("PQgetvalue")
        consumeInput = try library.function("PQconsumeInput")
        notification = try library.function("PQnotifies")
        free = try library.function("PQfreemem")
    }
}

extension LibraryName {
    fileprivate static let libpq = LibraryName(
        title: "PostgreSQL's client library", fileName: "libpq.so.5", installCommand: "apt install libpq5")
}
