package import Wire

/// The stored form: topics with their windows, in an order that is always the same.
extension AlertState: JSONRepresentable {
    package var json: JSON {
        let topics = tracks.sorted { $0.key < $1.key }.map { topic, track -> JSON in
            .compact([
                "family": .string(topic.family.rawValue), "slice": topic.slice.json, "open": .bool(track.isOpen),
                "open_by": track.openBy.isSubset(of: [.window])
                    ? Optional<JSON>.none : .strings(track.openBy.sorted().map(\.rawValue)),
                "windows": .array(track.windows.map(\.json)),
            ])
        }
        return ["topics": .array(topics)]
    }

    /// - Throws: `FieldProblem` when the JSON is not that of a state.
    package init(json: JSON) throws {
        guard json["phase"] == nil else {
            self = try AlertState(ofDrift: Fields(json))
            return
        }
        tracks = Dictionary(
            try Fields(json).objects("topics").map { topic in
                let name = try topic.string("family")
                guard let family = Finding.Family(rawValue: name) else {
                    throw FieldProblem.invalid("family", .string(name), expected: "a family of findings")
                }
                let slice = try topic.value("slice").map { try TrafficSlice(json: $0) } ?? .whole
                let isOpen = try topic.optionalBool("open") ?? false
                let lengths = try topic.value("open_by")?.arrayValue?.compactMap(\.stringValue)
                let openBy = lengths?.compactMap(WindowLength.init) ?? (isOpen ? [.window] : [])
                let track = Track(
                    openBy: Set(openBy), windows: try topic.objects("windows").map(Track.Judged.init))
                return (Topic(family, in: slice), track)
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads the form that was stored while drifting columns were all there was: a phase and how many windows in a row each
    /// column had drifted. Windows that are counted there have no numbers; those given here come before all others.
    private init(ofDrift fields: Fields) throws {
        let streaks = try (fields.value("streaks")?.memberList ?? []).map { name, value in
            let streak = try Fields(value)
            let since = Timestamp(milliseconds: try streak.integer("since"))
            return (mark: Mark(code: "drift", subject: name), windows: Int(try streak.integer("windows")), since: since)
        }
        let clean = Int(try fields.optionalInteger("clean_windows") ?? 0)
        let count = max(clean, streaks.map(\.windows).max() ?? 0)
        let windows = (0..<count).map { age in
            let drifting = streaks.filter { $0.windows > age }
            let start = drifting.map(\.since).min() ?? Timestamp(milliseconds: 0)
            return Track.Judged(moment: Moment(window: -age, start: start), bad: Set(drifting.map(\.mark)))
        }
        let openBy: Set<WindowLength> = try fields.string("phase") == "open" ? [.window] : []
        let track = Track(openBy: openBy, windows: windows.reversed())
        tracks = track.isWorthKeeping ? [Topic(.drift): track] : [:]
    }
}

extension AlertState.Track.Judged: JSONRepresentable {
    var json: JSON {
        let marks = bad.sorted { ($0.code, $0.subject ?? "") < ($1.code, $1.subject ?? "") }.map { mark -> JSON in
            .compact(["code": .string(mark.code), "subject": mark.subject.map(JSON.string)])
        }
        return .compact([
            "window": .integer(Int64(moment.window)),
            "length": moment.length == .window ? Optional<JSON>.none : .string(moment.length.rawValue),
            "start": moment.start.json, "bad": .array(marks),
        ])
    }

    init(_ fields: Fields) throws {
        let start = Timestamp(milliseconds: try fields.integer("start"))
        let length = try fields.optionalString("length").flatMap(WindowLength.init) ?? .window
        moment = AlertState.Moment(window: Int(try fields.integer("window")), length: length, start: start)
        bad = Set(
            try fields.objects("bad").map { mark in
                AlertState.Mark(code: try mark.string("code"), subject: try mark.optionalString("subject"))
            })
    }
}
