import Foundation

/// A model in Python with faults of a known size: it doubles the column `x`, as late and as unreliably as it is told to.
package struct PlantedModel: Sendable {
    /// How long each prediction takes beside the computing.
    package var delay = Duration.zero
    /// Of a hundred numbers in a row it refuses the last ones, so many.
    package var refusedPercent = 0
    /// What it multiplies x with.
    package var factor = 2
    /// So many letters come with each number.
    package var noteBytes = 0
    /// It is not loaded before there is a file of this name; nil for at once.
    package var awaitedFile: String?

    package init(
        delay: Duration = .zero, refusedPercent: Int = 0, factor: Int = 2, noteBytes: Int = 0,
        awaitedFile: String? = nil
    ) {
        self.delay = delay
        self.refusedPercent = refusedPercent
        self.factor = factor
        self.noteBytes = noteBytes
        self.awaitedFile = awaitedFile
    }

    /// Writes the model folder.
    package func write(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder + "/code", withIntermediateDirectories: true)
        let seconds = Double(delay.components.attoseconds) / 1e18 + Double(delay.components.seconds)
        let module = "planted_\(UUID().uuidString.filter(\.isHexDigit))"
        try """
        import os
        import time


        def _load_pyfunc(path):
            while not os.path.exists(r"\(awaitedFile ?? "/")"):
                time.sleep(0.01)
            return Planted()


        class Planted:
            def predict(self, frame, params=None):
                time.sleep(\(seconds))
                if (frame["x"] % 100 >= \(100 - refusedPercent)).any():
                    raise ValueError("this model does not like x")
                numbers = (frame["x"] * \(factor)).to_numpy()
                if not \(noteBytes):
                    return numbers
                return [{"y": float(number), "note": "z" * \(noteBytes)} for number in numbers]
        """.write(toFile: "\(folder)/code/\(module).py", atomically: true, encoding: .utf8)
        try """
        flavors:
          python_function:
            code: code
            data: code
            env: {}
            loader_module: \(module)
            python_version: 3.11.7
        model_uuid: \(UUID().uuidString)
        signature:
          inputs: '[{"type": "double", "name": "x", "required": true}]'
          outputs: '[{"type": "double", "required": true}]'
        """.write(toFile: folder + "/MLmodel", atomically: true, encoding: .utf8)
    }
}
