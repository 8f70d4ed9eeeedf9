package import Statistics
package import Wire

/// The stored form of a profile. A window's profile leaves out the anchors, which its reference has; cells without rows are
/// left out too, since a window of 50 rows fills few of 258.
extension ColumnProfile {
    package var json: JSON {
        let common: [(String, JSON)] = [
            ("rows", .integer(Int64(rows))), ("missing", .integer(Int64(missing))),
            ("mismatched", .integer(Int64(mismatched))),
        ]
        switch content {
        case .numeric(let profile): return .members(common + profile.members)
        case .categorical(let profile): return .members(common + profile.members)
        }
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a profile with these anchors.
    package init(json: JSON, anchors: ColumnAnchors) throws {
        let fields = try Fields(json)
        let content: Content =
            switch anchors {
            case .numeric(let anchors): .numeric(try NumericProfile(fields, anchors: anchors))
            case .categorical(let names): .categorical(try CategoryProfile(fields, names: names))
            }
        self.init(
            rows: Int(try fields.integer("rows")), missing: Int(try fields.integer("missing")),
            mismatched: Int(try fields.integer("mismatched")), content: content)
    }
}

extension ColumnAnchors {
    package var json: JSON {
        switch self {
        case .numeric(let anchors):
            [
                "kind": "numeric", "discrete": .bool(anchors.isDiscrete),
                "cuts": .array(anchors.cuts.map { .double($0) }),
            ]
        case .categorical(let names): ["kind": "categorical", "names": .strings(names)]
        }
    }

    /// - Throws: `FieldProblem` when the JSON is not that of anchors.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        guard try fields.string("kind") == "numeric" else {
            self = .categorical(names: try fields.strings("names"))
            return
        }
        let cuts = try fields.array("cuts").map { $0.doubleValue ?? .nan }
        self = .numeric(NumericAnchors(cuts: cuts, isDiscrete: try fields.optionalBool("discrete") ?? false))
    }
}

extension NumericProfile {
    fileprivate var members: [(String, JSON)] {
        let cells = counts.indices.filter { counts[$0] > 0 }.map { cell -> JSON in
            [.integer(Int64(cell)), .integer(Int64(counts[cell])), .double(sums[cell])]
        }
        let moments: JSON = [
            .integer(Int64(moments.count)), .double(moments.mean), .double(moments.m2), .double(moments.m3),
            .double(moments.m4),
        ]
        return [
            ("nan", .integer(Int64(notANumber))), ("negative_infinities", .integer(Int64(negativeInfinities))),
            ("positive_infinities", .integer(Int64(positiveInfinities))), ("moments", moments),
            ("minimum", minimum.map { .double($0) } ?? .null), ("maximum", maximum.map { .double($0) } ?? .null),
            ("cells", .array(cells)),
        ]
    }

    fileprivate init(_ fields: Fields, anchors: NumericAnchors) throws {
        var counts = [Int](repeating: 0, count: anchors.cellCount)
        var sums = [Double](repeating: 0, count: anchors.cellCount)
        for cell in try fields.array("cells") {
            guard let triple = cell.arrayValue, triple.count == 3, let index = triple[0].integerValue,
                counts.indices.contains(Int(index)), let count = triple[1].integerValue,
                let sum = triple[2].doubleValue
            else { throw FieldProblem.invalid("cells", cell, expected: "[cell, count, sum]") }
            counts[Int(index)] = Int(count)
            sums[Int(index)] = sum
        }
        let moments = try fields.array("moments").map { $0.doubleValue ?? .nan }
        guard moments.count == 5 else { throw FieldProblem.missing("moments") }
        self.init(
            anchors: anchors, counts: counts, sums: sums, notANumber: Int(try fields.integer("nan")),
            negativeInfinities: Int(try fields.integer("negative_infinities")),
            positiveInfinities: Int(try fields.integer("positive_infinities")),
            moments: Moments(
                count: Int(moments[0]), mean: moments[1], m2: moments[2], m3: moments[3], m4: moments[4]),
            minimum: try fields.optionalDouble("minimum"), maximum: try fields.optionalDouble("maximum"))
    }
}

extension CategoryProfile {
    fileprivate var members: [(String, JSON)] {
        let newcomers = newcomers.counts.sorted { $0.key < $1.key }
        return [
            ("counts", .array(counts.map { .integer(Int64($0)) })), ("other", .integer(Int64(other))),
            ("newcomers", .members(newcomers.map { ($0.key, .integer(Int64($0.value))) })),
        ]
    }

    fileprivate init(_ fields: Fields, names: [String]) throws {
        let counts = try fields.array("counts").map { Int($0.integerValue ?? 0) }
        guard counts.count == names.count else { throw FieldProblem.missing("counts") }
        let newcomers = (try fields.value("newcomers")?.memberList ?? []).map {
            ($0.key, Int($0.value.integerValue ?? 0))
        }
        self.init(
            names: names, counts: counts, other: Int(try fields.integer("other")),
            newcomers: HeavyHitters(counts: Dictionary(newcomers, uniquingKeysWith: +)))
    }
}
