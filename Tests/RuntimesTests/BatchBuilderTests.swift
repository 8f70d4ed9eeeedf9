import Runtimes
import Testing
import Wire

@Suite struct BatchBuilderTests {
    private static let signature = [
        ColumnSpec(name: "height", type: .double), ColumnSpec(name: "age", type: .long),
        ColumnSpec(name: "city", type: .string), ColumnSpec(name: "member", type: .boolean, isRequired: false),
    ]

    private static func batch(_ row: [JSON], sent: [String] = ["height", "age", "city", "member"]) throws -> Batch {
        var builder = try BatchBuilder(columns: signature, sent: sent)
        try builder.append(row: row)
        return builder.batch
    }

    @Test func ordersColumnsAsTheModelKnowsThemAndDropsTheRest() throws {
        let batch = try Self.batch([7, "Rome", 1.5, 30], sent: ["shoe", "city", "height", "age"])
        #expect(
            batch.columns == [
                Column(name: "height", values: .doubles([1.5])), Column(name: "age", values: .int64s([30])),
                Column(name: "city", values: .strings(["Rome"])),
            ])
    }

    @Test(
        arguments: [
            (1, 30, "Rome", true), ("1", 30.0, .null, "false"), (.null, "30", "", 0), (true, 30, "x", 1),
        ] as [(JSON, JSON, JSON, JSON)])
    func takesWhatFitsTheType(height: JSON, age: JSON, city: JSON, member: JSON) throws {
        let batch = try Self.batch([height, age, city, member])
        #expect(batch.columns[1].values == .int64s([30]))
        #expect(batch.columns[0].json(row: 0) == (height == .null ? .null : 1.0))
        #expect(batch.columns[2].json(row: 0) == city)
    }

    @Test(
        arguments: [
            ("height", ["tall", 30, "Rome", true]), ("height", [[1], 30, "Rome", true]),
            ("age", [1, .null, "Rome", true]),
            ("age", [1, 1.5, "Rome", true]), ("age", [1, 1e300, "Rome", true]), ("city", [1, 30, 5, true]),
            ("member", [1, 30, "Rome", "maybe"]), ("member", [1, 30, "Rome", .null]),
        ] as [(String, [JSON])])
    func namesTheColumnAndRowOfACellThatDoesNotFit(column: String, row: [JSON]) throws {
        let error = #expect(throws: RuntimeError.self) { try Self.batch(row) }
        #expect(error?.message.hasPrefix("Column '\(column)', row 0: ") == true)
        #expect(error?.code.status == 400)
    }

    @Test func namesAllMissingColumns() throws {
        let error = #expect(throws: RuntimeError.self) { try Self.batch([true], sent: ["member"]) }
        #expect(error?.message == "The model needs the columns 'height', 'age', 'city', which the request lacks.")
        #expect(error?.hint == "It sends 'member'.")
    }

    @Test func refusesAColumnThatComesTwiceAndARowOfAnotherLength() throws {
        #expect(throws: RuntimeError.self) {
            try Self.batch([1, 2, 3, "x"], sent: ["height", "height", "age", "city"])
        }
        #expect(throws: RuntimeError.self) { try Self.batch([1, 2], sent: ["height", "age", "city"]) }
    }

    @Test func fillsAMemberThatOnlySomeRecordsHave() throws {
        let records: [JSON] = [["height": 1, "age": 30, "city": "Rome"], ["age": 31, "city": "Oslo"]]
        let batch = try Batch(records: records.compactMap(\.objectValue), columns: Self.signature)
        #expect(batch.json(row: 1) == ["height": .null, "age": 31, "city": "Oslo"])
    }

    @Test func countsColumnsOfAModelThatGoesByPosition() throws {
        let columns = [ColumnSpec(name: nil, type: .double), ColumnSpec(name: nil, type: .double)]
        var builder = try BatchBuilder(columns: columns, sent: nil)
        try builder.append(row: [1, 2])
        #expect(builder.batch.columns.map(\.name) == ["0", "1"])
        #expect(throws: RuntimeError.self) { try builder.append(row: [1]) }
    }

    @Test func readsTensorsNestedOrFlat() throws {
        let spec = TensorSpec(name: nil, type: .float64, shape: [-1, 2])
        let nested = try Tensor([[1, 2], [3, 4]], for: spec)
        #expect(try Tensor([1, 2, 3, 4], shape: [2, 2], for: spec) == nested)
        #expect(nested.json == [[1.0, 2.0], [3.0, 4.0]])
    }

    @Test(
        arguments: [
            ([[1, 2, 3]], nil), ([[1, 2], [3]], nil), ([1, 2], nil), ([1, 2, 3], [2, 2]), ([["x", 2]], nil),
            ([1, 2], [Int.max, 2]), ([], [-1, 2]),
        ] as [(JSON, [Int]?)])
    func refusesTensorsOfTheWrongShape(json: JSON, shape: [Int]?) {
        let spec = TensorSpec(name: "x", type: .float64, shape: [-1, 2])
        #expect(throws: RuntimeError.self) { try Tensor(json, shape: shape, for: spec) }
    }
}
