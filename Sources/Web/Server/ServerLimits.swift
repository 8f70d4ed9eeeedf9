package import NIOCore

/// What one client may cost all others.
package struct ServerLimits: Sendable {
    /// How many connections there may be; one more is answered with 503 and closed.
    package var connections = 2048
    /// How long a connection may stay open without a request, or with one whose head does not come to its end.
    package var silence = TimeAmount.seconds(75)
    /// How long a client may let the server wait for a body, or for room to write the answer into.
    package var patience = TimeAmount.seconds(30)
    /// The least of a body that must come within `patience`, in bytes.
    package var leastBytes = 4096
    /// How long the client of a stream may say nothing.
    package var streamSilence = TimeAmount.minutes(5)
    /// The memory that requests under way may hold, in bytes, together.
    package var heldBytes = 512 << 20

    /// How many pages are kept up to date at once.
    package var livePages = 256
    /// How long such a page rests before it is looked whether it has changed.
    package var livePause = Duration.seconds(2)

    package init() {}
}
