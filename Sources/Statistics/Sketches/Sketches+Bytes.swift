extension QuantileSketch {
    package func write(to writer: inout ProfileWriter) {
        writer.count(zeros)
        let filled = filled
        writer.count(filled.count)
        var next = 0
        for (slot, count) in filled {
            writer.count(slot - next)
            writer.count(count)
            next = slot + 1
        }
    }

    package init(from reader: inout ProfileReader) throws {
        let zeros = try reader.count()
        let filled = try reader.filled(below: 2 * Self.bucketCount)
        self.init(zeros: zeros, filled: filled.map { (slot: $0.index, count: $0.count) })
    }
}

extension HeavyHitters {
    func write(to writer: inout ProfileWriter) {
        writer.count(counts.count)
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            writer.text(name)
            writer.count(count)
        }
    }

    init(from reader: inout ProfileReader) throws {
        var counts: [String: Int] = [:]
        let names = try reader.elements(bytesEach: 2)
        guard names <= Self.limit else { throw reader.problem("it has too many names") }
        for _ in 0..<names {
            let name = try reader.text()
            counts[name] = try reader.count()
        }
        guard counts.count == names else { throw reader.problem("a name comes twice") }
        self.init(counts: counts)
    }
}

extension DistinctCount {
    private enum Form: UInt8 { case exact, someRegisters, allRegisters }

    /// With fewer registers in use their places are written too; with more, all registers in half a byte each.
    private static let fewRegisters = 1_000

    package func write(to writer: inout ProfileWriter) {
        guard !registers.isEmpty else {
            writer.byte(Form.exact.rawValue)
            writer.count(slotsUsed)
            var last: UInt64 = 0
            for key in sortedKeys {
                writer.unsigned(key - last)
                last = key
            }
            return
        }
        guard registers.count(where: { $0 > 0 }) >= Self.fewRegisters else {
            writer.byte(Form.someRegisters.rawValue)
            writer.filled(registers.map { Int($0) })
            return
        }
        // Nearly all ranks lie within 14 of the least; the others follow.
        let least = registers.min() ?? 0
        writer.byte(Form.allRegisters.rawValue)
        writer.byte(least)
        for pair in stride(from: 0, to: Self.registerCount, by: 2) {
            writer.byte(min(15, registers[pair] - least) | min(15, registers[pair + 1] - least) << 4)
        }
        for rank in registers where rank - least >= 15 { writer.byte(rank) }
    }

    package init(from reader: inout ProfileReader) throws {
        self.init()
        guard let form = Form(rawValue: try reader.byte()) else { throw reader.problem("a count of values is unknown") }
        switch form {
        case .exact:
            let count = try reader.elements()
            guard count <= Self.exactLimit else { throw reader.problem("it has too many values") }
            var key: UInt64 = 0
            for index in 0..<count {
                let step: UInt64 = try reader.unsigned()
                guard step < 1 << 40, index == 0 || step > 0 else { throw reader.problem("a value comes twice") }
                key += step
                guard key < 1 << 40 else { throw reader.problem("a value is out of range") }
                add(hash: key << 24)
            }
        case .someRegisters:
            var registers = [UInt8](repeating: 0, count: Self.registerCount)
            for (index, rank) in try reader.filled(below: Self.registerCount) {
                registers[index] = try Self.rank(rank, reader)
            }
            self.init(registers: registers)
        case .allRegisters:
            let least = try Self.rank(Int(reader.byte()), reader)
            var registers: [UInt8] = []
            for _ in 0..<Self.registerCount / 2 {
                let pair = try reader.byte()
                registers += [least + pair & 15, least + pair >> 4]
            }
            for index in registers.indices {
                let rank = registers[index] - least == 15 ? try reader.byte() : registers[index]
                registers[index] = try Self.rank(Int(rank), reader)
            }
            self.init(registers: registers)
        }
    }

    private static func rank(_ rank: Int, _ reader: ProfileReader) throws -> UInt8 {
        guard rank <= Int(rankBits) + 1 else { throw reader.problem("a register is out of range") }
        return UInt8(rank)
    }
}
