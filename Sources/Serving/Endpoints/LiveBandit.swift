import Experiments
import Synchronization
import Wire

/// A bandit while it deals requests.
final class LiveBandit: Sendable {
    /// The experiment that its predictions belong to.
    let id: ExperimentID
    private let bandit: Mutex<Bandit>

    init(_ bandit: Bandit, id: ExperimentID) {
        self.id = id
        self.bandit = Mutex(bandit)
    }

    var spec: BanditSpec { bandit.withLock { $0.spec } }

    /// Draws a variant, which counts as tried from now on.
    func choose(_ entropy: Entropy) -> BanditChoice {
        var generator = entropy.generator
        return bandit.withLock { bandit in
            let choice = bandit.choose(using: &generator)
            bandit.tried(choice.arm)
            return choice
        }
    }

    /// Takes what the variants have earned, over all servers.
    func refresh(with earned: [BanditArm], _ entropy: Entropy) {
        var copy = bandit.withLock { $0 }
        var generator = entropy.generator
        copy.refresh(with: earned, using: &generator)
        let refreshed = copy
        bandit.withLock { $0 = refreshed }
    }

    var json: JSON { bandit.withLock { $0.json } }
}
