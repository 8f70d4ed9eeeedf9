package import Database
import Experiments
import Wire

/// How the units of each endpoint are dealt to its variants. It is remembered, so that a change of weights moves only the
/// units that have to move, on every server and after every restart.
package struct ShareStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// Deals the units of an endpoint by these shares, beginning with how they are dealt now.
    /// - Parameters:
    ///   - shares: the variants with their basis points, adding up to 10,000.
    ///   - salt: of the assignment; another one deals all units anew.
    func dealt(_ shares: [(arm: String, basisPoints: Int)], of endpoint: String, salt: String) async throws -> Shares {
        try await database.write { transaction in
            let json = try transaction.value(
                "SELECT shares FROM endpoint_shares WHERE endpoint = \(endpoint) AND salt = \(salt)", as: JSON.self)
            let former = try json.map(Shares.init(json:))
            let isAsWanted = former.map { former in
                former.arms == shares.map(\.arm)
                    && shares.allSatisfy { former.basisPoints(of: $0.arm) == $0.basisPoints }
            }
            if let former, isAsWanted == true { return former }
            let dealt = try former?.changed(to: shares) ?? Shares(shares)
            try transaction.execute(
                """
                INSERT INTO endpoint_shares (endpoint, salt, shares) VALUES (\(endpoint), \(salt), \(dealt.json))
                ON CONFLICT (endpoint, salt) DO UPDATE SET shares = excluded.shares
                """)
            return dealt
        }
    }
}
