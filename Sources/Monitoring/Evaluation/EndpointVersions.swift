package import Incidents

/// The versions that answer at an endpoint, each in its variant, and those that answered there before.
package struct EndpointVersions: Sendable, Hashable {
    package let answering: Set<TrafficSlice>
    /// None of these answers now.
    package let former: Set<TrafficSlice>

    /// Of an endpoint that is not served here, or while it is not known what answers.
    package static let unknown = EndpointVersions(answering: [], former: [])

    package init(answering: Set<TrafficSlice>, former: Set<TrafficSlice>) {
        self.answering = answering
        self.former = former.subtracting(answering)
    }

    /// Whether a lane, or a segment in it, was taken out of the endpoint.
    func hasLost(_ slice: TrafficSlice) -> Bool { former.contains(slice.lane) }

    /// The same of a version, wherever in `slice` it answered.
    func hasLost(_ model: String, _ version: Int, in slice: TrafficSlice) -> Bool {
        func answers(_ lane: TrafficSlice) -> Bool {
            lane.model == model && lane.version == version && (slice.variant == nil || slice.variant == lane.variant)
        }
        return former.contains(where: answers) && !answering.contains(where: answers)
    }
}
