import Foundation

/// A model in Python with faults of a known size: it doubles the column `x`, as late and as unreliably as it is told to.
struct PlantedModel {
    /// How long each prediction takes beside the computing.
    var delay = Duration.zero
    /// Refuses a row when x modulo 100 is less than this.
    var refusedPercent = 0
    /// What it multiplies x with.
    var factor = 2

    /// Writes the model folder.
    func write(_ folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder + "/code", withIntermediateDirectories: true)
        let seconds = Double(delay.components.attoseconds) / 1e18 + Double(delay.components.seconds)
        let module = "planted_\(UUID().uuidString.filter(\.isHexDigit))"
        try """
        import time


        def _load_pyfunc(path):
            return Planted()


        class Planted:
            def predict(self, frame, params=None):
                time.sleep(\(seconds))
                if (frame["x"] % 100 < \(refusedPercent)).any():
                    raise ValueError("this model does not like x")
                return (frame["x"] * \(factor)).to_numpy()
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
