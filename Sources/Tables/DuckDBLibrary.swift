import CDuckDB
import Natives

/// The C functions of DuckDB that tables need: those of `duckdb.h` of DuckDB 2.0.
///
/// Handles are numbers here: they are passed on, never dereferenced, and raw pointers are not `Sendable`. 0 is none.
struct DuckDBLibrary: Sendable {
    typealias Handle = UInt
    typealias Out = UnsafeMutablePointer<Handle>
    typealias Text = UnsafePointer<CChar>
    typealias State = UInt32
    typealias Result = UnsafeMutablePointer<duckdb_result>
    typealias Destroy = @convention(c) @Sendable (Out) -> Void

    // Databases. Path, database, configuration, message of an error that `free` frees.
    let openDatabase:
        @convention(c) @Sendable (Text?, Out, Handle, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> State
    let close: Destroy
    let connect: @convention(c) @Sendable (Handle, Out) -> State
    let disconnect: Destroy
    /// May be called from any thread while the connection is there.
    let interrupt: @convention(c) @Sendable (Handle) -> Void
    let createConfig: @convention(c) @Sendable (Out) -> State
    let setConfig: @convention(c) @Sendable (Handle, Text, Text) -> State
    let destroyConfig: Destroy
    let version: @convention(c) @Sendable () -> Text?
    let free: @convention(c) @Sendable (UnsafeMutableRawPointer?) -> Void

    // Statements. Parameters count from 1.
    let prepare: @convention(c) @Sendable (Handle, Text, Out) -> State
    let prepareError: @convention(c) @Sendable (Handle) -> Text?
    let destroyPrepared: Destroy
    let bindNull: @convention(c) @Sendable (Handle, UInt64) -> State
    let bindBool: @convention(c) @Sendable (Handle, UInt64, Bool) -> State
    let bindInt64: @convention(c) @Sendable (Handle, UInt64, Int64) -> State
    let bindDouble: @convention(c) @Sendable (Handle, UInt64, Double) -> State
    let bindText: @convention(c) @Sendable (Handle, UInt64, UnsafePointer<UInt8>?, UInt64) -> State
    let bindBytes: @convention(c) @Sendable (Handle, UInt64, UnsafeRawPointer?, UInt64) -> State
    let bindDate: @convention(c) @Sendable (Handle, UInt64, duckdb_date) -> State
    let bindTimestamp: @convention(c) @Sendable (Handle, UInt64, duckdb_timestamp) -> State
    let bindTimestampUTC: @convention(c) @Sendable (Handle, UInt64, duckdb_timestamp) -> State

    // Results. Deprecated since 1.0 and still there in 2.0, the streaming kind is the only one of both versions that does
    // not hold a whole result in memory.
    let pendingStreaming: @convention(c) @Sendable (Handle, Out) -> State
    let pendingError: @convention(c) @Sendable (Handle) -> Text?
    let executePending: @convention(c) @Sendable (Handle, Result) -> State
    let destroyPending: Destroy
    let resultError: @convention(c) @Sendable (Result) -> Text?
    let destroyResult: @convention(c) @Sendable (Result) -> Void
    let columnCount: @convention(c) @Sendable (Result) -> UInt64
    let columnName: @convention(c) @Sendable (Result, UInt64) -> Text?
    let columnType: @convention(c) @Sendable (Result, UInt64) -> Handle
    let fetchChunk: @convention(c) @Sendable (duckdb_result) -> Handle

    // Types.
    let destroyType: Destroy
    let typeID: @convention(c) @Sendable (Handle) -> UInt32
    let decimalWidth: @convention(c) @Sendable (Handle) -> UInt8
    let decimalScale: @convention(c) @Sendable (Handle) -> UInt8
    let enumStorage: @convention(c) @Sendable (Handle) -> UInt32
    let enumSize: @convention(c) @Sendable (Handle) -> UInt32
    let enumValue: @convention(c) @Sendable (Handle, UInt64) -> UnsafeMutablePointer<CChar>?
    let listElement: @convention(c) @Sendable (Handle) -> Handle
    let arrayElement: @convention(c) @Sendable (Handle) -> Handle
    let arraySize: @convention(c) @Sendable (Handle) -> UInt64
    let structSize: @convention(c) @Sendable (Handle) -> UInt64
    let structName: @convention(c) @Sendable (Handle, UInt64) -> UnsafeMutablePointer<CChar>?
    let structMember: @convention(c) @Sendable (Handle, UInt64) -> Handle
    let mapKey: @convention(c) @Sendable (Handle) -> Handle
    let mapValue: @convention(c) @Sendable (Handle) -> Handle

    // Chunks and their vectors, which live as long as the chunk.
    let destroyChunk: Destroy
    let chunkSize: @convention(c) @Sendable (Handle) -> UInt64
    let chunkVector: @convention(c) @Sendable (Handle, UInt64) -> Handle
    let vectorData: @convention(c) @Sendable (Handle) -> UnsafeRawPointer?
    let vectorValidity: @convention(c) @Sendable (Handle) -> UnsafePointer<UInt64>?
    let listChild: @convention(c) @Sendable (Handle) -> Handle
    let arrayChild: @convention(c) @Sendable (Handle) -> Handle
    let structChild: @convention(c) @Sendable (Handle, UInt64) -> Handle

    // Appending. Connection, schema, table, appender; an appender says what went wrong until it is destroyed.
    let createAppender: @convention(c) @Sendable (Handle, Text?, Text, Out) -> State
    let appendChunk: @convention(c) @Sendable (Handle, Handle) -> State
    let closeAppender: @convention(c) @Sendable (Handle) -> State
    let destroyAppender: @convention(c) @Sendable (Out) -> State
    let appenderError: @convention(c) @Sendable (Handle) -> Text?
    let createType: @convention(c) @Sendable (UInt32) -> Handle
    let createChunk: @convention(c) @Sendable (UnsafeMutablePointer<Handle>, UInt64) -> Handle
    let setChunkSize: @convention(c) @Sendable (Handle, UInt64) -> Void
    let makeValidityWritable: @convention(c) @Sendable (Handle) -> Void
    /// Vector, row, bytes, how many.
    let assignText: @convention(c) @Sendable (Handle, UInt64, UnsafePointer<UInt8>?, UInt64) -> Void
    /// How many rows a chunk holds at most.
    let vectorSize: @convention(c) @Sendable () -> UInt64

    init(_ library: NativeLibrary) throws {
        openDatabase = try library.function("duckdb_open_ext")
        close = try library.function("duckdb_close")
        connect = try library.function("duckdb_connect")
        disconnect = try library.function("duckdb_disconnect")
        interrupt = try library.function("duckdb_interrupt")
        createConfig = try library.function("duckdb_create_config")
        setConfig = try library.function("duckdb_set_config")
        destroyConfig = try library.function("duckdb_destroy_config")
        version = try library.function("duckdb_library_version")
        free = try library.function("duckdb_free")

        prepare = try library.function("duckdb_prepare")
        prepareError = try library.function("duckdb_prepare_error")
        destroyPrepared = try library.function("duckdb_destroy_prepare")
        bindNull = try library.function("duckdb_bind_null")
        bindBool = try library.function("duckdb_bind_boolean")
        bindInt64 = try library.function("duckdb_bind_int64")
        bindDouble = try library.function("duckdb_bind_double")
        bindText = try library.function("duckdb_bind_varchar_length")
        bindBytes = try library.function("duckdb_bind_blob")
        bindDate = try library.function("duckdb_bind_date")
        bindTimestamp = try library.function("duckdb_bind_timestamp")
        bindTimestampUTC = try library.function("duckdb_bind_timestamp_tz")

        pendingStreaming = try library.function("duckdb_pending_prepared_streaming")
        pendingError = try library.function("duckdb_pending_error")
        executePending = try library.function("duckdb_execute_pending")
        destroyPending = try library.function("duckdb_destroy_pending")
        resultError = try library.function("duckdb_result_error")
        destroyResult = try library.function("duckdb_destroy_result")
        columnCount = try library.function("duckdb_column_count")
        columnName = try library.function("duckdb_column_name")
        columnType = try library.function("duckdb_column_logical_type")
        fetchChunk = try library.function("duckdb_fetch_chunk")

        destroyType = try library.function("duckdb_destroy_logical_type")
        typeID = try library.function("duckdb_get_type_id")
        decimalWidth = try library.function("duckdb_decimal_width")
        decimalScale = try library.function("duckdb_decimal_scale")
        enumStorage = try library.function("duckdb_enum_internal_type")
        enumSize = try library.function("duckdb_enum_dictionary_size")
        enumValue = try library.function("duckdb_enum_dictionary_value")
        listElement = try library.function("duckdb_list_type_child_type")
        arrayElement = try library.function("duckdb_array_type_child_type")
        arraySize = try library.function("duckdb_array_type_array_size")
        structSize = try library.function("duckdb_struct_type_child_count")
        structName = try library.function("duckdb_struct_type_child_name")
        structMember = try library.function("duckdb_struct_type_child_type")
        mapKey = try library.function("duckdb_map_type_key_type")
        mapValue = try library.function("duckdb_map_type_value_type")

        destroyChunk = try library.function("duckdb_destroy_data_chunk")
        chunkSize = try library.function("duckdb_data_chunk_get_size")
        chunkVector = try library.function("duckdb_data_chunk_get_vector")
        vectorData = try library.function("duckdb_vector_get_data")
        vectorValidity = try library.function("duckdb_vector_get_validity")
        listChild = try library.function("duckdb_list_vector_get_child")
        arrayChild = try library.function("duckdb_array_vector_get_child")
        structChild = try library.function("duckdb_struct_vector_get_child")

        createAppender = try library.function("duckdb_appender_create")
        appendChunk = try library.function("duckdb_append_data_chunk")
        closeAppender = try library.function("duckdb_appender_close")
        destroyAppender = try library.function("duckdb_appender_destroy")
        appenderError = try library.function("duckdb_appender_error")
        createType = try library.function("duckdb_create_logical_type")
        createChunk = try library.function("duckdb_create_data_chunk")
        setChunkSize = try library.function("duckdb_data_chunk_set_size")
        makeValidityWritable = try library.function("duckdb_vector_ensure_validity_writable")
        assignText = try library.function("duckdb_vector_assign_string_element_len")
        vectorSize = try library.function("duckdb_vector_size")
    }

    static let success: State = 0

    /// A text that the library allocated, which is freed.
    func take(_ text: UnsafeMutablePointer<CChar>?) -> String {
        guard let text else { return "" }
        defer { free(text) }
        return String(cString: text)
    }
}
