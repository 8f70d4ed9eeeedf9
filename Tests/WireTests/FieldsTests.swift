import Testing
import Wire

@Suite struct FieldsTests {
    private func fields(_ json: JSON) throws -> Fields { try Fields(json) }

    private func message(_ read: () throws -> Void) throws -> String {
        try #require(throws: FieldProblem.self) { try read() }.message
    }

    @Test func readsMembersOfEachType() throws {
        let fields = try fields([
            "name": "churn", "step": 3, "value": 0.5, "final": true, "keys": ["a", "b"], "tag": ["key": "k"],
        ])
        #expect(try fields.string("name") == "churn")
        #expect(try fields.integer("step") == 3)
        #expect(try fields.double("value") == 0.5)
        #expect(try fields.double("step") == 3)
        #expect(try fields.optionalBool("final") == true)
        #expect(try fields.strings("keys") == ["a", "b"])
        #expect(try fields.object("tag").string("key") == "k")
    }

    @Test func absentAndNullMembersAreTheSame() throws {
        for fields in [try fields([:]), try fields(["a": nil])] {
            #expect(try fields.optionalString("a") == nil)
            #expect(try fields.optionalInteger("a") == nil)
            #expect(try fields.array("a").isEmpty)
            #expect(try fields.optionalObject("a") == nil)
            #expect(try message { _ = try fields.string("a") }.hasPrefix("Missing value for required parameter 'a'."))
        }
    }

    @Test func readsSnakeAndCamelCaseButNotBothAtOnce() throws {
        #expect(try fields(["run_id": "1"]).string("run_id") == "1")
        #expect(try fields(["runId": "1"]).string("run_id") == "1")
        #expect(try fields(["run_Id": "1"]).optionalString("run_id") == nil)
        let twice = try fields(["run_id": "1", "runId": "2"])
        #expect(try message { _ = try twice.string("run_id") }.contains("given twice"))
    }

    @Test(
        arguments: [
            ("12", 12), (12, 12), (12.0, 12), ("-9223372036854775808", .min), (.integer(.max), .max),
        ] as [(JSON, Int64)])
    func readsIntegersFromNumbersAndNumericStrings(json: JSON, value: Int64) throws {
        #expect(try fields(["a": json]).integer("a") == value)
    }

    @Test(arguments: [1.5, "1.5", "x", "", true, [], [:], "9223372036854775808", 1e19, .double(.nan)] as [JSON])
    func refusesWhatIsNoInteger(json: JSON) throws {
        let fields = try fields(["a": json])
        #expect(
            try message { _ = try fields.integer("a") }.contains("for parameter 'a' supplied: expected 64-bit integer"))
    }

    @Test func readsTheNumbersThatJSONCannotSpell() throws {
        let fields = try fields(["a": "NaN", "b": "-Infinity", "c": "Infinity", "d": true, "e": "1e-3"])
        #expect(try fields.double("a").isNaN)
        #expect(try fields.double("b") == -.infinity)
        #expect(try fields.double("c") == .infinity)
        #expect(try fields.double("d") == 1)
        #expect(try fields.double("e") == 0.001)
    }

    @Test func refusesTheEmptyStringWhereAStringIsNeeded() throws {
        let fields = try fields(["a": ""])
        #expect(try fields.optionalString("a") == "")
        #expect(throws: FieldProblem.self) { try fields.string("a") }
    }

    @Test func namesThePlaceInsideNestedObjects() throws {
        let fields = try fields([
            "metrics": [["key": "a"], ["key": 5]], "names": ["a", 1], "run": ["info": ["id": []]],
        ])
        let metrics = try fields.objects("metrics")
        #expect(try message { _ = try metrics[1].string("key") }.contains("parameter 'metrics[1].key'"))
        #expect(try message { _ = try metrics[0].double("value") }.contains("parameter 'metrics[0].value'"))
        #expect(try message { _ = try fields.strings("names") }.contains("parameter 'names[1]'"))
        let info = try fields.object("run").object("info")
        #expect(try message { _ = try info.string("id") }.contains("parameter 'run.info.id'"))
        #expect(try message { _ = try Fields([["a"]]).objects("a") }.contains("'body'"))
        #expect(try message { _ = try Fields(["a": [3]]).objects("a") }.contains("'a[0]'"))
    }

    @Test func cutsLongValuesInMessages() throws {
        let fields = try fields(["a": .string(String(repeating: "x", count: 100_000))])
        #expect(try message { _ = try fields.integer("a") }.count < 500)
    }
}
