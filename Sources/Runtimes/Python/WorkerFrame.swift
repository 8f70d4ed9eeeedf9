import NIOCore
import Wire

/// A message between the server and a worker: a JSON header and the raw values that it announces. `WorkerScript` says
/// how it is laid out.
struct WorkerFrame: Sendable, Equatable {
    let header: JSON
    /// Little-endian, each array padded to a multiple of 8 bytes, so that numpy can use it where it lies.
    let values: ByteBuffer

    init(header: JSON, values: ByteBuffer = ByteBuffer()) {
        self.header = header
        self.values = values
    }

    static func load(folder: String) -> WorkerFrame {
        WorkerFrame(header: ["kind": "load", "folder": .string(folder)])
    }

    /// Asks about a table of all columns of the model's signature, which the worker knows.
    static func predict(plain batch: Batch) -> WorkerFrame {
        var values = ByteBuffer()
        for column in batch.columns { values.write(column.values) }
        return WorkerFrame(header: ["kind": "plain", "rows": .integer(Int64(batch.rowCount))], values: values)
    }

    static func predict(_ input: ModelInput, parameters: JSON?, isPositional: Bool) -> WorkerFrame {
        var values = ByteBuffer()
        let header: JSON
        switch input {
        case .table(let batch):
            for column in batch.columns {
                values.write(column.values)
                if let validity = column.validity { values.write(validity: validity) }
            }
            header = .compact([
                "kind": "table", "rows": .integer(Int64(batch.rowCount)), "positional": .bool(isPositional),
                "columns": .array(batch.columns.map(\.announcement)), "params": parameters,
            ])
        case .tensors(let tensors):
            for tensor in tensors { values.write(tensor.values) }
            header = .compact([
                "kind": "tensors", "tensors": .array(tensors.map(\.announcement)), "params": parameters,
            ])
        case .document(let document): header = ["kind": "document", "document": document]
        }
        return WorkerFrame(header: header, values: values)
    }

    /// The bytes that go over the socket.
    var bytes: ByteBuffer {
        var text = header.bytes(nonFinite: .literal)
        text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: text.count.padding))
        var bytes = ByteBuffer()
        bytes.reserveCapacity(8 + text.count + values.readableBytes)
        bytes.writeInteger(UInt32(4 + text.count + values.readableBytes), endianness: .little)
        bytes.writeInteger(UInt32(text.count), endianness: .little)
        bytes.writeBytes(text)
        bytes.writeImmutableBuffer(values)
        return bytes
    }
}

/// Cuts a byte stream into frames, refusing one that is larger than allowed before it is read.
struct WorkerFrameDecoder: ByteToMessageDecoder {
    typealias InboundOut = WorkerFrame
    let maximumBytes: Int

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let frame = try next(in: &buffer) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(frame))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }

    /// Takes the next whole frame off `buffer`; nil when there is none yet.
    func next(in buffer: inout ByteBuffer) throws -> WorkerFrame? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, endianness: .little, as: UInt32.self) else {
            return nil
        }
        guard length >= 4, length <= maximumBytes else {
            throw RuntimeError(.unavailable, "The worker sent a frame of \(length) bytes; \(maximumBytes) are allowed.")
        }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let headerLength = buffer.readInteger(endianness: .little, as: UInt32.self), headerLength <= length - 4,
            let header = buffer.readSlice(length: Int(headerLength)),
            let values = buffer.readSlice(length: Int(length - 4 - headerLength)),
            let json = try? JSON.parse(header.readableBytesView)
        else { throw RuntimeError(.unavailable, "The worker sent a frame that makes no sense.") }
        return WorkerFrame(header: json, values: values)
    }
}

extension Batch {
    /// Whether it has all columns of a signature, of their types and without gaps.
    func isPlain(for signature: ModelSignature?) -> Bool {
        guard case .columns(let specs) = signature?.inputs, specs.count == columns.count else { return false }
        return zip(columns, specs).allSatisfy { column, spec in
            column.validity == nil && column.values.type == spec.type && column.name == spec.name
        }
    }
}

extension Column {
    fileprivate var announcement: JSON {
        ["name": .string(name), "type": .string(values.type.rawValue), "nulls": .bool(validity != nil)]
    }
}

extension Tensor {
    fileprivate var announcement: JSON {
        [
            "name": name.map(JSON.string) ?? .null, "type": .string(values.type.rawValue),
            "shape": .array(shape.map { .integer(Int64($0)) }),
        ]
    }
}

extension Int {
    /// How many bytes are missing to a multiple of 8.
    fileprivate var padding: Int { (8 - self % 8) % 8 }
}

extension ByteBuffer {
    fileprivate mutating func write(_ values: Values) {
        let start = writerIndex
        switch values {
        case .bools(let values): writeBytes(values.lazy.map { $0 ? 1 : 0 })
        case .int32s(let values): write(littleEndian: values)
        case .int64s(let values): write(littleEndian: values)
        case .floats(let values): write(littleEndian: values)
        case .doubles(let values): write(littleEndian: values)
        case .strings(let values):
            for value in values {
                writeInteger(UInt32(value.utf8.count), endianness: .little)
                writeString(value)
            }
        }
        writeRepeatingByte(0, count: (writerIndex - start).padding)
    }

    /// The machines that Swift runs on keep numbers little-endian.
    private mutating func write(littleEndian values: [some BitwiseCopyable]) {
        _ = values.withUnsafeBytes { writeBytes($0) }
    }

    /// One bit a row, the first in the lowest bit.
    fileprivate mutating func write(validity: [Bool]) {
        let start = writerIndex
        var byte: UInt8 = 0
        for (row, isThere) in validity.enumerated() {
            if isThere { byte |= 1 << UInt8(row % 8) }
            if row % 8 == 7 || row == validity.count - 1 {
                writeInteger(byte)
                byte = 0
            }
        }
        writeRepeatingByte(0, count: (writerIndex - start).padding)
    }
}
