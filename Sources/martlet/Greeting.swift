import Foundation

/// Says where the server is; scripts read the first line.
func greet(_ configuration: ServerConfiguration, port: Int) {
    let url = configuration.url(port: port)
    let lines = [
        "listening on \(url)",
        "data in \(configuration.dataFolder)",
        configuration.token == nil
            ? "open to everyone on this machine; --token SECRET closes it" : "a token is required",
        "point a script at it:  export MLFLOW_TRACKING_URI=\(url)",
    ]
    print(lines.joined(separator: "\n"))
    // Scripts that wait for the address read it through a pipe, which is written out only when flushed.
    fflush(nil)
}
